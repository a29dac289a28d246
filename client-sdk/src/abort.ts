/** AbortSignal plumbing: leaving at once, and giving up after a time. Avoids AbortSignal.any, which React Native lacks. */
import { aborted } from './errors.ts';

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** Calls `act` when the signal fires, at once if it has; returns how to end that. */
export function onAbort(signal: AbortSignal | null | undefined, act: () => void): () => void {
  const fired = () => act();
  if (signal?.aborted) act();
  signal?.addEventListener('abort', fired);
  return () => signal?.removeEventListener('abort', fired);
}

/** Follows `work`, but rejects with ABORTED the moment the signal fires, whatever `work` is waiting for. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const forget = onAbort(signal, () => reject(aborted(signal)));
    work.then(resolve, reject).finally(forget);
  });
}

/**
 * A signal that also fires with `outer`, or after `ms` without a sign of life, or with `end`. `release` once the work is over, or its timer
 * lives on; `end` does that as well.
 */
export function linkedSignal(
  outer: AbortSignal | undefined,
  ms?: number,
): [signal: AbortSignal, end: (reason?: unknown) => void, release: () => void, alive: () => void] {
  const controller = new AbortController();
  const forget = onAbort(outer, () => controller.abort(outer?.reason));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const release = () => {
    clearTimeout(timer);
    forget();
  };
  const alive = () => {
    clearTimeout(timer);
    if (ms !== undefined) timer = setTimeout(() => controller.abort(new Error(`no answer in ${ms} ms`)), ms);
  };
  const end = (reason?: unknown) => {
    release();
    controller.abort(reason);
  };
  alive();
  return [controller.signal, end, release, alive];
}
