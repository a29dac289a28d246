/** When to try again: exponential backoff with full jitter. */

export type Backoff = { baseMs: number; capMs: number };

/** The longest that anything waits between two tries: what fails for days costs some fifty wake-ups a day. */
export const LONGEST_WAIT_MS = 3_600_000;

/** For effects that the alarm repeats without end. */
export const EFFECT_BACKOFF: Backoff = { baseMs: 1_000, capMs: LONGEST_WAIT_MS };
/** For clean-up, which may have to wait for hours until nobody needs the objects. */
export const CLEAN_UP_BACKOFF: Backoff = { baseMs: 30_000, capMs: LONGEST_WAIT_MS };

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

/**
 * The same for what nobody counts the tries of: it waits as long as it is late already, so that waits double as well, and whoever knows
 * when it was due needs no memory of them.
 * @param lateMs milliseconds since it was due
 * @param random in [0, 1)
 */
export function lateBackoffMs(lateMs: number, random: number): number {
  const { baseMs, capMs } = EFFECT_BACKOFF;
  const ceiling = Math.min(capMs, 2 * Math.max(baseMs, lateMs));
  return Math.max(Math.ceil(baseMs / 10), Math.floor(random * ceiling));
}
