/** Time, in milliseconds, and waiting for what comes by itself. Inside workerd it stands still and is moved: see workerd/clock.ts. */

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type Waiting = {
  /** Milliseconds that it may take, whatever a stopped clock says, and between two looks. */
  patience?: number;
  pause?: number;
};

export const passes = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again and again until it is so: what the last look saw, which need not be so when patience has ended. */
export async function lookUntil<T>(
  look: () => T | Promise<T>,
  isSo: (seen: T) => boolean,
  { patience = 10 * SECOND, pause = 20 }: Waiting = {},
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || performance.now() > end) return seen;
    await passes(pause);
  }
}

/** Throws when it is not so in time. @param failed makes the error */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  waiting?: Waiting,
  failed = (text: string): Error => new Error(text),
): Promise<void> {
  if (!(await lookUntil(isSo, (so) => so, waiting))) throw failed(`waited in vain for ${what}`);
}
