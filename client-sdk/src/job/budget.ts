/** `maxCredits`: asking for the price before anything is held. */
import { local } from '../errors.ts';
import type { Call } from '../transport.ts';
import type { Files, From } from './deps.ts';

/** Throws OVER_BUDGET when the job would cost more than `most` credits. @param photos how many files there are to upload */
export async function withinBudget(
  call: Call,
  most: number,
  source: Files | From,
  photos: number,
  signal: AbortSignal,
): Promise<void> {
  const options = { signal };
  const input = 'files' in source ? { preset: source.preset, photos } : await sizeOf(call, source.from, options);
  const { credits } = await call('jobs.estimate', input, options);
  if (credits <= most) return;
  const message = `The job would cost ${credits} credits, and maxCredits is ${most}`;
  throw local('OVER_BUDGET', message, { credits, maxCredits: most });
}

/** A job made from another has that one's preset, and its photos or some of them. */
async function sizeOf(call: Call, { jobId, indexes }: From['from'], options: { signal: AbortSignal }) {
  const { preset, progress } = await call('jobs.get', { jobId }, options);
  return { preset, photos: indexes?.length ?? progress.total };
}
