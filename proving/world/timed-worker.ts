/**
 * A GPU worker whose photos take a set time: no picture is worked on, so a machine of two cores shows what many workers would do. It says
 * what the contract has it say, photo by photo as they are ready. For the provider front (start/provider), on its clock.
 */
import type { DispatchItem, DispatchMessage } from '../../server/src/contract/gpu-message.ts';
import type { Clock } from '../../start/provider/clock.ts';
import type { GpuWorker } from '../../start/provider/gpu-worker.ts';
import { PICTURE, resultOf } from './gpu.ts';

export type TimedOptions = {
  clock: Clock;
  /** Seconds of a photo; photos come one after the other. */
  seconds: number | ((item: DispatchItem, message: DispatchMessage) => number);
  /** Why a photo fails; null, or left out: it is done. */
  fails?: (item: DispatchItem, message: DispatchMessage) => string | null;
  /** Whether results name the dispatch that they belong to; yes, when left out. Workers need not. */
  namesAttempt?: boolean | ((message: DispatchMessage) => boolean);
  /** Where results go; left out: by the URLs of the message. */
  delivery?: Delivery;
};

/** Both reject, or throw, when the worker is to fail. */
export type Delivery = {
  store(message: DispatchMessage, item: DispatchItem): Promise<void>;
  report(message: DispatchMessage, result: object): Promise<void>;
};

export function timedWorker(options: TimedOptions): GpuWorker {
  return {
    start: async () => {},
    work: async (input, signal) => {
      const message = input as DispatchMessage;
      for (const item of message.items) {
        await photo(message, item, options, signal);
        signal.throwIfAborted();
      }
      return { photos: message.items.length };
    },
    stop: async () => {},
  };
}

async function photo(
  message: DispatchMessage,
  item: DispatchItem,
  { clock, seconds, fails, namesAttempt = true, delivery = byUrls }: TimedOptions,
  signal: AbortSignal,
): Promise<void> {
  await passes(clock, 1000 * (typeof seconds === 'number' ? seconds : seconds(item, message)), signal);
  const error = fails?.(item, message) ?? null;
  if (error === null) await delivery.store(message, item);
  signal.throwIfAborted();
  const status = error === null ? 'done' : 'failed';
  const { attempt, ...said } = resultOf(item, { status, attempt: message.attempt, error: error ?? '', preview: true });
  const named = typeof namesAttempt === 'boolean' ? namesAttempt : namesAttempt(message);
  await delivery.report(message, named ? { ...said, attempt } : said);
}

/** Rejects when it is called off meanwhile. */
function passes(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const callOff = clock.after(ms, resolve);
  const abort = () => {
    callOff();
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return promise.finally(() => signal.removeEventListener('abort', abort));
}

/** As any worker does that has no storage keys. */
const byUrls: Delivery = {
  store: async (message, { output_url, preview_url }) => {
    await put(output_url, message.output_type);
    await put(preview_url, 'image/jpeg');
  },
  report: async ({ callback_url, callback_token }, result) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${callback_token}` };
    await expectOk(await fetch(callback_url, { method: 'POST', headers, body: JSON.stringify(result) }), 'a callback');
  },
};

const put = async (url: string, type: string): Promise<void> =>
  expectOk(await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body: PICTURE }), 'an upload');

async function expectOk(answer: Response, what: string): Promise<void> {
  if (!answer.ok) throw new Error(`${what} was answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  await answer.body?.cancel();
}
