/** Signing up at the door itself, with the Worker's settings changed, and what was answered. */
import { env } from 'cloudflare:workers';
import { askWith } from '../../../proving/world/workerd/client.ts';
import type { Env } from '../../src/bindings.ts';

export type Answer = { status: number; code: string | null; details: unknown; userId: string };
export type Input = { deviceHash?: string; turnstileToken?: string; idempotencyKey?: string };

export async function anon(input: Input, settings: Partial<Env> = {}, address = '192.0.2.1'): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'cf-connecting-ip': address };
  const body = JSON.stringify({ json: input });
  const answer = await askWith({ ...env, ...settings }, '/trpc/auth.anon', { method: 'POST', headers, body });
  const { result, error } = await answer.json<{
    result?: { data: { json: { userId: string } } };
    error?: { json: { data: { errorCode: string; details: unknown } } };
  }>();
  const { errorCode = null, details = null } = error?.json.data ?? {};
  return { status: answer.status, code: errorCode, details, userId: result?.data.json.userId ?? '' };
}
/** The same with a key that does not tell its age, which opens the account at once. */
export const open = (input: Input, settings?: Partial<Env>, address?: string): Promise<Answer> =>
  anon({ idempotencyKey: key(), ...input }, settings, address);
export const key = () => crypto.randomUUID();
