/**
 * What a job uses once its results are kept no longer: its object wakes, lists its folders, deletes what lies there, and goes. The same
 * whatever the number of photos, since one LIST and one DELETE are good for a thousand keys of a folder.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quiet, TOLD_MS } from '../speed/workerd-cpu.ts';
import { type Bench, startBench } from '../start.ts';
import type { Counts } from '../workers/counts.ts';
import { METERED, takeCounts } from './run-job.ts';

/** Time from execution to the end of the URLs, which is that of the job: it has to be done by then. It is gone a moment later. */
const URLS_SECONDS = 10;
const SHORT_LIFE = {
  UPLOAD_URL_SECONDS: String(URLS_SECONDS),
  JOB_EXECUTION_MS: String(URLS_SECONDS * 1000),
  JOB_LEASE_MS: String(URLS_SECONDS * 1000),
  // In one run, whose results are all that is left to report.
  GPU_RUN_FIRST_PHOTOS: '200',
  JOB_RESULT_RETENTION_MS: '2000',
  JOB_LAST_LOOK_MS: '0',
};
const PATIENCE_MS = 60_000;

export async function cleanUpCounts(photos: number): Promise<Counts> {
  const bench = await startBench({ ...METERED, vars: SHORT_LIFE });
  try {
    const account = await bench.api.signUpPro();
    const { jobId } = await bench.api.jobs.at('done', account, photos);
    await quiet(bench.pid, TOLD_MS);
    await takeCounts(bench);
    await untilGone(bench, jobId);
    return await takeCounts(bench);
  } finally {
    await bench.stop();
  }
}

/** Until nothing of it lies in the bucket, and the object has had the time to go as well. */
async function untilGone({ production }: Bench, jobId: string): Promise<void> {
  const bucket = await production.mf.getR2Bucket('R2');
  const left = async () => (await bucket.list()).objects.filter(({ key }) => key.includes(jobId)).length;
  if ((await left()) === 0) throw new Error('the job was cleaned up before that could be counted');
  for (const end = Date.now() + PATIENCE_MS; (await left()) > 0; await sleep(100)) {
    if (Date.now() > end) throw new Error(`job ${jobId} was not cleaned up`);
  }
  await sleep(500);
}
