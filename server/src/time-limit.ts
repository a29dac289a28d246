/** A time limit for something that has none of its own. */

/** Settles like `work`, or rejects after `ms` milliseconds. The work itself goes on: what it does must be safe to repeat. */
export async function withTimeLimit<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}
