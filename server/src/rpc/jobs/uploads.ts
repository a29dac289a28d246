/** Upload URLs for a job's photos. */
import type { Upload } from '../../contract/jobs.ts';
import { inputKey, type JobRef } from '../../domain/keys.ts';
import type { UploadSlot } from '../../durable-objects/job-coordinator/view.ts';
import { presignUploads } from '../../storage/presign.ts';
import type { Context } from '../context.ts';

export function signUploads({ settings }: Pick<Context, 'settings'>, job: JobRef, slots: UploadSlot[]): Upload[] {
  const now = Date.now();
  // One moment for all of a job's slots.
  const until = Math.min(...slots.map((slot) => slot.until));
  const sign = presignUploads(now, until, settings);
  return slots.map(({ idx, photo }) => ({ idx, ...sign(inputKey(job, idx), photo) }));
}
