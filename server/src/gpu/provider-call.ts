/** HTTP to a GPU provider: bearer key, time limit, no redirects, and what each answer means. */
import * as z from 'zod/mini';
import { text } from '../contract/schema.ts';
import type { RunStatus } from '../domain/job/dispatch.ts';
import { reasonOf } from '../log.ts';
import type { DispatchOutcome } from './dispatcher.ts';

export type ProviderDoor = {
  /** Without a trailing slash. */
  url: string;
  apiKey: string | null;
  timeoutMs: number;
};

/** A Worker's own requests have none, which doors such as Cloudflare's Browser Integrity Check take amiss. */
const USER_AGENT = 's3-workers';

const runAnswer = z.object({ id: z.nullish(text(1, 256)), status: z.nullish(z.string().check(z.maxLength(64))) });

function call(door: ProviderDoor, method: 'GET' | 'POST', path: string, body?: string): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': USER_AGENT };
  if (door.apiKey !== null) headers.authorization = `Bearer ${door.apiKey}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(`${door.url}${path}`, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(door.timeoutMs),
    ...(body === undefined ? {} : { body }),
  });
}

/** Answers by which the provider says that it did not take the run. 429 and 503 say so as well: "not now". */
const refuses = (status: number) => (status >= 300 && status < 500 && status !== 408) || status === 503;

/** Sends a run. Only an answer that says so is a refusal: a lost one leaves open whether the run exists. */
export async function startRun(door: ProviderDoor, path: string, body: string): Promise<DispatchOutcome> {
  try {
    const answer = await call(door, 'POST', path, body);
    if (refuses(answer.status)) {
      await answer.body?.cancel();
      return { kind: 'refused', reason: `the GPU provider answered ${answer.status}` };
    }
    if (!answer.ok) {
      await answer.body?.cancel();
      return { kind: 'ambiguous', reason: `the GPU provider answered ${answer.status}` };
    }
    const parsed = runAnswer.safeParse(await answer.json().catch(() => null));
    return { kind: 'accepted', providerId: parsed.success ? (parsed.data.id ?? null) : null };
  } catch (error) {
    return { kind: 'ambiguous', reason: reasonOf(error) };
  }
}

const ACTIVE = new Set(['IN_QUEUE', 'IN_PROGRESS']);
const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT']);

/** Asks for a run's state, in Runpod's words. 404 means that the provider has forgotten it. */
export async function askRun(door: ProviderDoor, providerId: string): Promise<RunStatus> {
  try {
    const answer = await call(door, 'GET', `/status/${encodeURIComponent(providerId)}`);
    if (answer.status === 404) return 'over';
    const parsed = runAnswer.safeParse(await answer.json().catch(() => null));
    const status = answer.ok && parsed.success ? (parsed.data.status ?? '') : '';
    return ACTIVE.has(status) ? 'active' : OVER.has(status) ? 'over' : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Cancels a run. Throws on anything that leaves open whether it was taken. */
export async function cancelRun(door: ProviderDoor, providerId: string): Promise<void> {
  const answer = await call(door, 'POST', `/cancel/${encodeURIComponent(providerId)}`);
  await answer.body?.cancel();
  const settled = answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429);
  if (!settled) throw new Error(`the GPU provider answered ${answer.status} to a cancel`);
}
