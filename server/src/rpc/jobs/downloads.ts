/** URLs of a job's files, one by one: to save under a name of the asker's own, or the photos as they were uploaded. */
import type * as z from 'zod/mini';
import type { downloadsInput, downloadsOutput } from '../../contract/jobs.ts';
import { downloadsUntil, presignDownload, presignSaved } from '../../storage/presign.ts';
import type { Context } from '../context.ts';
import { fail, unwrap } from '../errors.ts';
import { withJob } from '../objects.ts';
import { fileKey } from './shown.ts';

type Asked = z.infer<typeof downloadsInput>;

export async function signDownloads(
  ctx: Context,
  userId: string,
  { jobId, files }: Asked,
): Promise<z.infer<typeof downloadsOutput>> {
  const found = await withJob(ctx, jobId, (job) => job.exported({ userId, requestId: ctx.requestId }));
  const job = unwrap(found) ?? fail('JOB_NOT_FOUND', 'no such job', null);
  const now = Date.now();
  const urls = files.map(({ idx, kind = 'result', name }) => {
    const key = fileKey(job, idx, kind, now);
    if (key === null) return null;
    return name === undefined ? presignDownload(key, now, ctx.settings) : presignSaved(key, name, now, ctx.settings);
  });
  return { urls, expiresAt: downloadsUntil(now, ctx.settings) };
}
