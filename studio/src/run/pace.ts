/** How long an upload will still take, from how fast it was of late. Pure: the time is handed in. */

export interface Sample {
  /** Milliseconds, of whatever clock. */
  at: number;
  bytes: number;
}

/** What is further back says little of the line as it is, in milliseconds. */
const WINDOW = 12_000;
/** Less than this says nothing, in milliseconds. */
const LEAST = 1_500;

/** With the latest sample, and without those that are too old; a fresh list where bytes went back, as in another run. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.bytes < last.bytes) return [sample];
  // Two in the same moment are one.
  const others = last !== undefined && sample.at - last.at < 200 ? samples.slice(0, -1) : samples;
  return [...others.filter(({ at }) => sample.at - at <= WINDOW), sample];
}

/** Milliseconds; null while nobody can say. @param total bytes in all */
export function timeLeft(samples: readonly Sample[], total: number): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < LEAST || last.bytes === first.bytes)
    return null;
  return ((total - last.bytes) * (last.at - first.at)) / (last.bytes - first.bytes);
}
