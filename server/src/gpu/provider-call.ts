/** HTTP to a GPU provider: bearer key, time limit, no redirects, and what each answer means. */
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

/** Bytes of an answer that are read: one to `/status` may carry all that a worker has returned. */
const MAX_ANSWER = 1_000_000;
/** Characters of a run's name. */
const MAX_NAME = 256;
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

/**
 * Sends a run. Only an answer that says so is a refusal: a lost one leaves open whether the run exists.
 * @param named whether a run that is taken has a name: an answer without one says nothing, then
 */
export async function startRun(
  door: ProviderDoor,
  path: string,
  body: string,
  named: boolean,
): Promise<DispatchOutcome> {
  try {
    const answer = await call(door, 'POST', path, body);
    const { status } = answer;
    const said = (await bodyOf(answer).catch(() => null)) ?? '';
    const reason = `the GPU provider answered ${status}${saidBy(failureIn(said) ?? said)}`;
    if (answer.ok) {
      const providerId = nameIn(said);
      if (providerId === null && named) return { kind: 'ambiguous', reason };
      return { kind: 'accepted', providerId };
    }
    if (WRONG.has(status)) return { kind: 'wrong', reason };
    if (BUSY.has(status)) return { kind: 'refused', reason, alert: false };
    if (status >= 500 || status === TIMED_OUT) return { kind: 'ambiguous', reason };
    return { kind: 'refused', reason, alert: true };
  } catch (error) {
    return { kind: 'ambiguous', reason: reasonOf(error) };
  }
}

/** The body as text; null when it is too long. */
async function bodyOf(answer: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    // To leave the loop cancels the stream.
    if (bytes > MAX_ANSWER) return null;
    chunks.push(chunk);
  }
  return new Blob(chunks).text();
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
  ['CANCELED', 'failed'],
]);

/** Asks for a run's state. */
export async function askRun(door: ProviderDoor, providerId: string): Promise<RunReport> {
  try {
    const answer = await call(door, 'GET', `/status/${encodeURIComponent(providerId)}`);
    if (answer.status === 404) {
      await answer.body?.cancel();
      return { status: 'forgotten' };
    }
    const said = (await bodyOf(answer)) ?? '';
    const { status: is } = fieldsOf(said);
    const word = answer.ok && typeof is === 'string' ? is.toUpperCase() : '';
    const status = STATUS.get(word) ?? 'unknown';
    return status === 'failed' ? { status, words: `${word}${saidBy(failureIn(said) ?? '')}` } : { status };
  } catch {
    return { status: 'unknown' };
  }
}

/** What an answer says, as far as it is JSON; each field is looked at by itself. */
function fieldsOf(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

/** The name of the run; some count theirs. */
function nameIn(body: string): string | null {
  const { id } = fieldsOf(body);
  const name = typeof id === 'number' ? String(id) : id;
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME ? name : null;
}

/** The part of an answer that says why a run failed, or was not taken; null when there is none. */
function failureIn(body: string): string | null {
  const { error, output } = fieldsOf(body);
  const why = error ?? output ?? null;
  return why === null || typeof why === 'string' ? why : JSON.stringify(why);
}

/** Cancels a run. Throws where the same question may have another answer later; one that leads elsewhere, or says no, has none. */
export async function cancelRun(door: ProviderDoor, providerId: string): Promise<void> {
  const answer = await call(door, 'POST', `/cancel/${encodeURIComponent(providerId)}`);
  await answer.body?.cancel();
  if (answer.status >= 500 || [TIMED_OUT, 429].includes(answer.status))
    throw new Error(`the GPU provider answered ${answer.status} to a cancel`);
}
