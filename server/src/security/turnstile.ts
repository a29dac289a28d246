/**
 * Whether somebody human signs up: a Turnstile token, verified where TURNSTILE_URL says. Asked only while TURNSTILE_SECRET is set and
 * beyond the burst of an address, and then there is no way around it: what cannot be verified does not pass.
 * @see https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
 */
import * as z from 'zod/mini';
import { list, text } from '../contract/schema.ts';
import { log, reasonOf } from '../log.ts';
import type { Settings } from '../settings/settings.ts';

export type HumanCheck = 'passed' | 'missing' | 'refused' | 'unreachable';

const verdict = z.object({ success: z.boolean(), 'error-codes': z._default(list(text(0, 64), 0, 16), []) });
/** Errors that are not the visitor's: our secret is wrong, or Turnstile is in trouble. */
const OURS = /secret|internal-error|bad-request/;

type Visitor = {
  /** Whether he has to show that he is human: within the burst of an address nobody has to. */
  isAsked: boolean;
  token: string | undefined;
  address: string | null;
  /** A UUID: with the same one the same token may be verified again, which Turnstile otherwise takes once. */
  repeatKey(): string;
};

export async function checkHuman(visitor: Visitor, { turnstile, numbers }: Settings): Promise<HumanCheck> {
  if (turnstile.secret === null || !visitor.isAsked) return 'passed';
  if (visitor.token === undefined) return 'missing';
  const body = new URLSearchParams({
    secret: turnstile.secret,
    response: visitor.token,
    idempotency_key: visitor.repeatKey(),
  });
  if (visitor.address !== null) body.set('remoteip', visitor.address);
  try {
    const answer = await fetch(turnstile.url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(numbers.TURNSTILE_TIMEOUT_MS),
    });
    const parsed = verdict.safeParse(await answer.json());
    if (!parsed.success) throw new Error(`Turnstile answered ${answer.status}, and no verdict`);
    if (parsed.data.success) return answer.ok ? 'passed' : 'unreachable';
    const codes = parsed.data['error-codes'];
    if (!codes.some((code) => OURS.test(code))) return 'refused';
    throw new Error(`Turnstile answered ${codes.join(', ')}`);
  } catch (error) {
    log('error', 'turnstile.failed', { reason: reasonOf(error) });
    return 'unreachable';
  }
}
