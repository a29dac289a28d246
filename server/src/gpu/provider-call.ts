/** HTTP to a GPU provider: bearer key, time limit, no redirects, and what each answer means. */
import * as z from 'zod/mini';
import { text } from '../contract/schema.ts';
import type { RunReport, RunStatus } from '../domain/job/leases.ts';
import { reasonOf, trimmed } from '../log.ts';
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

/** Characters of an answer that are kept of what the provider says for itself. */
const MAX_WORDS = 300;

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

/** "Not now": whoever asks later may be taken. */
const BUSY: ReadonlySet<number> = new Set([429, 503, 521, 522, 523]);
/** The message itself is not taken. */
const WRONG: ReadonlySet<number> = new Set([400, 413, 422]);
/** A request that timed out may have been taken. */
const TIMED_OUT = 408;

/** Sends a run. Only an answer that says so is a refusal: a lost one leaves open whether the run exists. */
export async function startRun(door: ProviderDoor, path: string, body: string): Promise<DispatchOutcome> {
  try {
    const answer = await call(door, 'POST', path, body);
    const { status } = answer;
    if (answer.ok) {
      const parsed = runAnswer.safeParse(await answer.json().catch(() => null));
      return { kind: 'accepted', providerId: parsed.success ? (parsed.data.id ?? null) : null };
    }
    const reason = `the GPU provider answered ${status}${saidBy(await answer.text().catch(() => ''))}`;
    if (WRONG.has(status)) return { kind: 'wrong', reason };
    if (BUSY.has(status)) return { kind: 'refused', reason, alert: false };
    if (status >= 500 || status === TIMED_OUT) return { kind: 'ambiguous', reason };
    return { kind: 'refused', reason, alert: true };
  } catch (error) {
    return { kind: 'ambiguous', reason: reasonOf(error) };
  }
}

/** What the provider says for itself, on one line; it may quote what it was sent. */
function saidBy(body: string): string {
  const words = trimmed(body.replace(/\s+/g, ' ').trim(), MAX_WORDS);
  return words === '' ? '' : `: ${words}`;
}

/** Runpod's words for a run's state; RUNNING is what some call IN_PROGRESS. */
const STATUS: ReadonlyMap<string, RunStatus> = new Map([
  ['IN_QUEUE', 'waiting'],
  ['IN_PROGRESS', 'working'],
  ['RUNNING', 'working'],
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
  ['TIMED_OUT', 'failed'],
  ['CANCELLED', 'failed'],
]);

/** Asks for a run's state. */
export async function askRun(door: ProviderDoor, providerId: string): Promise<RunReport> {
  try {
    const answer = await call(door, 'GET', `/status/${encodeURIComponent(providerId)}`);
    const said = await answer.text();
    if (answer.status === 404) return { status: 'forgotten' };
    const parsed = runAnswer.safeParse(jsonOf(said));
    const word = answer.ok && parsed.success ? (parsed.data.status ?? '').toUpperCase() : '';
    const status = STATUS.get(word) ?? 'unknown';
    return status === 'failed' ? { status, words: `${word}${saidBy(failureIn(said))}` } : { status };
  } catch {
    return { status: 'unknown' };
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The part of an answer that says why a run failed. */
function failureIn(body: string): string {
  const parsed = z.object({ error: z.unknown() }).safeParse(jsonOf(body));
  if (!parsed.success || parsed.data.error == null) return '';
  const { error } = parsed.data;
  return typeof error === 'string' ? error : JSON.stringify(error);
}

/** Cancels a run. Throws on anything that leaves open whether it was taken. */
export async function cancelRun(door: ProviderDoor, providerId: string): Promise<void> {
  const answer = await call(door, 'POST', `/cancel/${encodeURIComponent(providerId)}`);
  await answer.body?.cancel();
  const settled = answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429);
  if (!settled) throw new Error(`the GPU provider answered ${answer.status} to a cancel`);
}
