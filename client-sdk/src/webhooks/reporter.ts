/** Callbacks: what became of photos, told to the server until it has heard it. */
import type { Clock } from '../clock.ts';
import type { Fetch } from '../wire/http.ts';
import { deliver } from './deliver.ts';
import { WebhookError } from './error.ts';
import type { DispatchMessage } from './message.ts';
import { sign } from './signature.ts';

/** What became of one photo. */
export type GpuResult =
  /** Its result lies under `output_url`, and a preview under `preview_url` unless `preview` is false. */
  | { idx: number; status: 'done'; preview?: boolean | undefined }
  /** Why, in plain words for the user; 500 characters are kept. */
  | { idx: number; status: 'failed'; error: string };

/** What the server made of the results. */
export interface CallbackAnswer {
  /** The job's status after them. */
  status: string;
  /** `duplicate`: settled by an earlier result. `ignored`: the job has ended or is not at work. */
  items: { idx: number; outcome: 'accepted' | 'duplicate' | 'ignored' }[];
}

export interface ReporterOptions {
  /** `bearer`: the token in a header. `signature`: a Standard Webhooks signature with it, so that it does not travel. */
  auth?: 'bearer' | 'signature' | undefined;
  /** In place of the message's `callback_token`, such as its `callback_secret`, or the server's global secret; `whsec_…` as well. */
  secret?: string | undefined;
  /** In place of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Tries after the first, after failures that may pass; 8 when left out, which is about four minutes at most. */
  maxRetries?: number | undefined;
  /** Milliseconds that one try may take; 30,000 when left out. */
  timeout?: number | undefined;
}

/** Tells the server what became of the photos of one message. */
export interface Reporter {
  /**
   * One result, or several in one request; in requests of 200 where there are more. Safe to call again with the same results.
   *
   * @throws WebhookError AUTH_REQUIRED or JOB_NOT_FOUND when the job is over for this worker, VALIDATION_ERROR, NETWORK_ERROR
   */
  report(results: GpuResult | readonly GpuResult[], options?: { signal?: AbortSignal }): Promise<CallbackAnswer>;
}

const MAX_RESULTS = 200;

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(over, ms);
      function over() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', over);
        resolve();
      }
      signal?.addEventListener('abort', over);
    }),
  random: () => Math.random(),
};

/**
 * @param message as it was dispatched: it names the job, the keys and the token
 *
 * @example
 * const reporter = createReporter(parseDispatch(body));
 * await reporter.report({ idx: 0, status: 'done' });
 */
export function createReporter(message: DispatchMessage, options: ReporterOptions = {}): Reporter {
  return createReporterWith(message, options, systemClock);
}

/** `createReporter` with its clock, for tests. */
export function createReporterWith(message: DispatchMessage, options: ReporterOptions, clock: Clock): Reporter {
  const { auth, secret = message.callback_token, maxRetries = 8, timeout = 30_000 } = options;
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const { job_id, idempotency_prefix, callback_url: url } = message;

  const send = async (results: readonly GpuResult[], single: boolean, signal: AbortSignal | undefined) => {
    const items = results.map((result) => itemOf(message, result));
    const body = JSON.stringify(single ? { job_id, ...items[0] } : { job_id, items });
    const key = `${idempotency_prefix}:${results
      .map(({ idx }) => idx.toString(36))
      .join('')
      .slice(0, 64)}:${fingerprint(body)}`;
    const headers = async (): Promise<Record<string, string>> => ({
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(auth === 'signature' ? await sign(key, body, secret, clock.now()) : { authorization: `Bearer ${secret}` }),
    });
    return (await deliver({ fetch, url, body, headers, maxRetries, timeout, signal, clock })) as CallbackAnswer;
  };

  return {
    async report(results, { signal } = {}) {
      if (!Array.isArray(results)) return send([results as GpuResult], true, signal);
      const answer: CallbackAnswer = { status: '', items: [] };
      for (let from = 0; from < results.length; from += MAX_RESULTS) {
        const { status, items } = await send(results.slice(from, from + MAX_RESULTS), false, signal);
        answer.status = status;
        answer.items.push(...items);
      }
      return answer;
    },
  };
}

function itemOf({ attempt, items, idempotency_prefix }: DispatchMessage, result: GpuResult) {
  const { idx, status } = result;
  const rest = { idx, status, attempt, idempotency_key: `${idempotency_prefix}:${idx}` };
  if (result.status === 'failed') return { ...rest, error: result.error };
  const { output_key, preview_key } =
    items.find((item) => item.idx === idx) ?? fail(`idx: photo ${idx} is not in the message of attempt ${attempt}`);
  return { ...rest, output_key, ...(result.preview !== false && { preview_key }) };
}

function fail(message: string): never {
  throw new WebhookError('VALIDATION_ERROR', message, { field: 'idx' });
}

/**
 * The same for the same results, so that a try in another process is the same message. FNV-1a, 32 bit: the indexes that stand before it
 * keep messages about different photos apart.
 */
function fingerprint(body: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < body.length; at++) hash = Math.imul(hash ^ body.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
