/** The few assertions that the cases need, in any runtime. */
import type { S3Error, S3ErrorCode } from '../../src/index.ts';

export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`expected ${what}`);
}

/** Fails unless both are written alike; `undefined` fields count as absent. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(sorted(value)));
  if (is !== should) throw new Error(`${what}: expected ${should}, got ${is}`);
}

/** Fails unless every field of `expected` is in `actual` and alike. */
export function matches(actual: unknown, expected: Record<string, unknown>, what: string): void {
  const fields = (actual ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(expected)) equal(fields[name], value, `${what}.${name}`);
}

/** The refusal that `call` ends in; fails when it succeeds or has another code. */
export async function refused<C extends S3ErrorCode>(call: Promise<unknown>, code: C): Promise<S3Error<C>> {
  const error = await call.then(
    (value) => new Error(`expected ${code}, and it answered ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if ((error as { code?: unknown }).code === code) return error as S3Error<C>;
  throw error instanceof Error && !('code' in error)
    ? error
    : new Error(`expected ${code}, got ${JSON.stringify(error)}: ${String(error)}`);
}

/** Looks again until `enough`, for what the server does by itself a moment later. */
export async function until<T>(look: () => Promise<T>, enough: (seen: T) => boolean, what: string): Promise<T> {
  for (let tries = 0; ; tries++) {
    const seen = await look();
    if (enough(seen)) return seen;
    if (tries >= 200) throw new Error(`waited in vain for ${what}; the last look saw ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Settles as `work` does, or fails: nothing that a case waits for may hang the suite. */
export function within<T>(work: Promise<T>, what: string, ms = 15_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain for ${what}`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Keys in one order, so that texts can be compared. */
function sorted(value: unknown): unknown {
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
