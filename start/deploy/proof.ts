/** Whether what was deployed works: the version that answers is the new one, `/health` is well, and a photo goes through. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Traffic } from './answers.ts';
import type { Seen } from './canary.ts';

/** How long each may take, in milliseconds. */
export type ProofLimits = { health: number; pause: number; canary: number };
export const PROOF_LIMITS: ProofLimits = { health: 90_000, pause: 3_000, canary: 15 * 60_000 };

export type ProofParts = {
  baseUrl: string;
  /** What answered before; null when nothing did. */
  before: string | null;
  traffic: () => Promise<Traffic[]>;
  canary: () => Promise<Seen>;
  limits: ProofLimits;
};

/** Stops at the first thing that is not as it should be. */
export async function prove({ baseUrl, before, traffic, canary, limits }: ProofParts): Promise<Seen> {
  const now = await traffic();
  const [first] = now;
  if (first === undefined) return { ok: false, said: ['no version is deployed'] };
  const said = [`version ${first.version} has ${first.percentage} % of the requests`];
  if (first.version === before) return { ok: false, said: [...said, 'it is the one of before'] };
  if (first.percentage !== 100) return { ok: false, said: [...said, 'another version has the others'] };
  const health = await healthOf(baseUrl, limits);
  if (!health.ok) return { ok: false, said: [...said, ...health.said] };
  const photo = await canary();
  return { ok: photo.ok, said: [...said, ...health.said, ...photo.said] };
}

/** A new address, or a new version, takes a while to be everywhere: asked again until it is well, or the time is over. */
async function healthOf(baseUrl: string, { health, pause }: ProofLimits): Promise<Seen> {
  const deadline = Date.now() + health;
  for (;;) {
    const seen = await askHealth(baseUrl);
    if (seen.ok || Date.now() >= deadline) return seen;
    await sleep(pause);
  }
}

async function askHealth(baseUrl: string): Promise<Seen> {
  const url = `${baseUrl.replace(/\/+$/, '')}/health`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = (await answer.text()).slice(0, 600);
    const ok = answer.status === 200 && text.includes('"status":"ok"');
    return { ok, said: [`${url}: ${answer.status}${ok ? '' : ` ${text}`}`] };
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
    return { ok: false, said: [`${url}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`] };
  }
}
