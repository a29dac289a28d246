/** How a run stands, in a few words. */
import type { JobState } from '@s3-workers/client-sdk';
import type { RunWords } from './words.ts';

export function headlineOf(
  {
    phase,
    status,
    paused,
    waiting,
    busy,
    result,
  }: Pick<JobState, 'phase' | 'status' | 'paused' | 'waiting' | 'busy' | 'result'>,
  w: RunWords,
): string {
  if (result !== null) return w.ended[result.status];
  if (waiting !== null) return w.missing;
  if (phase === 'uploading') return paused ? w.paused : w.uploading;
  if (phase !== 'processing') return w.preparing;
  if (busy) return w.busy;
  return status === 'queued' || status === 'uploaded' ? w.queued : w.processing;
}
