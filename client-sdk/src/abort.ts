/** AbortSignal plumbing: leaving at once, and giving up after a time. Avoids AbortSignal.any, which React Native lacks. */
import { aborted } from './errors.ts';

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted();
}

/** Follows `work`, but rejects with ABORTED the moment the signal fires, whatever `work` is waiting for. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(aborted());
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** A controller that also fires with `signal`, or after `ms`. `release` once the work is over, or its timer lives on. */
export function linkedController(
  signal: AbortSignal | null | undefined,
  ms?: number,
): { controller: AbortController; release: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow, { once: true });
  const timer =
    ms === undefined ? undefined : setTimeout(() => controller.abort(new Error(`no answer in ${ms} ms`)), ms);
  return {
    controller,
    release: () => {
      if (timer !== undefined) clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}
