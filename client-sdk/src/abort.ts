/** AbortSignal plumbing: leaving at once, and giving up after a time. Avoids AbortSignal.any, which React Native lacks. */
import { aborted } from './errors.ts';

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** Follows `work`, but rejects with ABORTED the moment the signal fires, whatever `work` is waiting for. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(aborted(signal));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/**
 * A controller that also fires with `signal`, or after `ms` without a sign of life. `release` once the work is over, or its timer lives
 * on.
 */
export function linkedController(
  signal: AbortSignal | null | undefined,
  ms?: number,
): [controller: AbortController, release: () => void, alive: () => void] {
  const controller = new AbortController();
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    if (ms !== undefined) timer = setTimeout(() => controller.abort(new Error(`no answer in ${ms} ms`)), ms);
  };
  alive();
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', follow);
  };
  return [controller, release, alive];
}
