/** When to try again: exponential backoff with full jitter. */

export type Backoff = { baseMs: number; capMs: number };

/** For effects that the alarm repeats without end. */
export const EFFECT_BACKOFF: Backoff = { baseMs: 1_000, capMs: 300_000 };
/** For clean-up, which may have to wait for hours until nobody needs the objects. */
export const CLEAN_UP_BACKOFF: Backoff = { baseMs: 30_000, capMs: 3_600_000 };

/**
 * Milliseconds to wait before try number `tries + 1`, where `tries` ≥ 1 have failed.
 * @param random in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter")
 */
export function backoffMs(tries: number, random: number, { baseMs, capMs }: Backoff = EFFECT_BACKOFF): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(tries, 30));
  // A tenth of the base at least: a wait of nothing at all would spin.
  return Math.max(Math.ceil(baseMs / 10), Math.floor(random * ceiling));
}
