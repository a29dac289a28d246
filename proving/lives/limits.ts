/**
 * The server's time limits by the clock of the model, which stands still unless the model moves it: a limit is over when that clock is
 * beyond it, and then at once. Nobody waits for the machine's own clock.
 */
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { settingsOf } from '../../server/src/settings/settings.ts';

const { EFFECT_TIMEOUT_MS, PROVIDER_TIMEOUT_MS } = settingsOf(env).numbers;
/** What the server limits by a timer. Timers of anything else are none of the model's business. */
const LIMITS = new Set([EFFECT_TIMEOUT_MS, PROVIDER_TIMEOUT_MS, EFFECT_TIMEOUT_MS + PROVIDER_TIMEOUT_MS]);
/** After so many milliseconds every limit is over that runs now. */
export const LONGEST_LIMIT = Math.max(...LIMITS) + 1;

/** When the signal of a call's own limit ends it. */
const ends = new WeakMap<AbortSignal, number>();
export const isOver = (signal: AbortSignal): boolean => Date.now() >= (ends.get(signal) ?? Number.POSITIVE_INFINITY);

type Id = ReturnType<typeof setTimeout>;

/**
 * Puts them in place until the mocks are restored. Each limit asks every millisecond, in the object that waits: a timer of another one
 * would not wake it in workerd.
 */
export function installLimits(): void {
  const start = globalThis.setTimeout.bind(globalThis);
  const stop = globalThis.clearTimeout.bind(globalThis);
  /** By the id that its owner has: that of the timer which asks now. */
  const asking = new Map<Id, Id>();
  const limited = (act: () => void, ms: number): Id => {
    const at = Date.now() + ms;
    const look = () => {
      if (Date.now() >= at) {
        asking.delete(id);
        act();
      } else if (globalThis.setTimeout === installed) asking.set(id, start(look, 1));
    };
    const id = start(look, 1);
    asking.set(id, id);
    return id;
  };
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((act: () => void, ms = 0, ...rest: unknown[]) =>
    LIMITS.has(ms) ? limited(act, ms) : start(act, ms, ...(rest as []))) as typeof setTimeout);
  const installed = globalThis.setTimeout;
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation(((id: Id) => {
    stop(asking.get(id) ?? id);
    asking.delete(id);
  }) as typeof clearTimeout);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const { signal } = new AbortController();
    ends.set(signal, Date.now() + ms);
    return signal;
  });
}
