/** Upload URLs for a job's photos. */
import type { Upload } from '../../contract/jobs.ts';
import { inputKey, type JobRef } from '../../domain/keys.ts';
import type { UploadSlot } from '../../durable-objects/job-coordinator/view.ts';
import { presignUpload } from '../../storage/presign.ts';
import type { Context } from '../context.ts';

export function signUploads({ settings }: Context, job: JobRef, slots: UploadSlot[]): Promise<Upload[]> {
  const now = Date.now();
  return Promise.all(
    slots.map(async ({ idx, photo }) => ({ idx, ...(await presignUpload(inputKey(job, idx), photo, now, settings)) })),
  );
}
