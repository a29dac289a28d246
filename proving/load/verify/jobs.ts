/** Looks at every job as its owner does, and compares it with what the GPU worker knows. */
import type { Job } from '@s3-workers/client-sdk';
import type { RanJob } from '../client-job.ts';
import type { Reports } from '../gpu/reports.ts';
import { MAX_ATTEMPTS } from '../settings.ts';
import type { Tally } from '../tally.ts';
import type { User } from '../users.ts';

export type JobFacts = {
  jobId: string;
  userId: string;
  status: string;
  charged: number;
  /** Indexes of the photos that are done. */
  done: number[];
  failed: number;
  canceled: number;
  pending: number;
};

/** Reasons by which photos fail that nobody has worked on. */
const GIVEN_UP = [
  `not processed within ${MAX_ATTEMPTS} attempts`,
  'dead letter: the GPU provider did not take the job',
];
const AT_ONCE = 8;

export async function lookAtJobs(ran: RanJob[], users: User[], reports: Reports, tally: Tally): Promise<JobFacts[]> {
  const facts: JobFacts[] = [];
  const left = [...ran];
  const look = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const user = users[one.planned.user];
      if (one.jobId === null || user === undefined) continue;
      const job = await user.client.jobs.get({ jobId: one.jobId });
      facts.push(factsOf(job, user.userId));
      checkMoney(job, one, tally);
      checkPhotos(job, reports, tally);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return facts;
}

function factsOf({ jobId, status, charged, items }: Job, userId: string): JobFacts {
  const count = (wanted: string) => items.filter((item) => item.status === wanted).length;
  const done = items.filter((item) => item.status === 'done').map(({ idx }) => idx);
  const rest = { failed: count('failed'), canceled: count('canceled'), pending: count('pending') };
  return { jobId, userId, status, charged: charged ?? 0, done, ...rest };
}

function checkMoney(job: Job, { planned, canceled }: RanJob, tally: Tally): void {
  const { jobId, status, charged, progress, items } = job;
  const seen = `${jobId} ${status} charged ${charged} ${JSON.stringify(progress)}`;
  if (charged !== progress.done) tally.problem('a job is not charged for what is done', seen);
  if (items.length !== planned.photos.length) tally.problem('a job has lost photos', seen);
  if (canceled !== null && canceled.charged !== charged) {
    tally.problem('a cancel was answered with another charge', `${seen}, answered ${canceled.charged}`);
  }
  if (canceled === null && status === 'canceled') tally.problem('a job was canceled by nobody', seen);
  if (canceled !== null && status !== 'canceled') tally.problem('a canceled job ended otherwise', seen);
  if (status === 'done' && progress.done === 0) tally.problem('a job is done without a photo', seen);
  if (status === 'failed' && progress.done > 0) tally.problem('a job failed with done photos', seen);
}

/** The first result that was accepted stands; a photo fails for a reason that was reported, or because nobody came back with it. */
function checkPhotos({ jobId, status, items }: Job, reports: Reports, tally: Tally): void {
  const accepted = reports.acceptedOf(jobId);
  for (const { idx, status: shown, error, resultUrl } of items) {
    const verdict = accepted.get(idx);
    const seen = `${jobId} ${status}, photo ${idx} ${shown} ${error ?? ''}, accepted ${verdict ?? 'nothing'}`;
    if (verdict !== undefined && verdict !== shown) tally.problem('a photo is not what was accepted', seen);
    if (shown === 'done' && resultUrl === undefined) tally.problem('a done photo has no result to fetch', seen);
    if (shown !== 'failed') continue;
    const byWorker = error !== undefined && /surface|second thought/.test(error);
    const givenUp = error !== undefined && GIVEN_UP.includes(error);
    if (!byWorker && !givenUp) tally.problem('a photo failed for a reason that should not occur', seen);
  }
}
