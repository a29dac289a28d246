/** What clients and the GPU worker were told on the way, against what is shown in the end. */
import type { Job } from '@s3-workers/client-sdk';
import type { RanJob } from '../client-job.ts';
import type { Reports } from '../gpu/reports.ts';
import { MAX_ATTEMPTS } from '../settings.ts';
import type { Tally } from '../tally.ts';

/** Reasons by which photos fail that nobody has worked on. */
const GIVEN_UP = [
  `not processed within ${MAX_ATTEMPTS} attempts`,
  'dead letter: the GPU provider did not take the job',
  'not processed in time',
];

export function checkTold(job: Job, ran: RanJob, reports: Reports, tally: Tally): void {
  checkClient(job, ran, tally);
  checkPhotos(job, reports, tally);
}

function checkClient(job: Job, { planned, canceled }: RanJob, tally: Tally): void {
  const { jobId, status, charged, progress, items } = job;
  const seen = `${jobId} ${status} charged ${charged} ${JSON.stringify(progress)}`;
  const done = items.filter((item) => item.status === 'done').length;
  if (progress.done !== done) tally.problem('a job counts other photos as done than it shows', seen);
  if (items.length !== planned.photos.length) tally.problem('a job has lost photos', seen);
  if (canceled !== null && canceled.charged !== charged) {
    tally.problem('a cancel was answered with another charge', `${seen}, answered ${canceled.charged}`);
  }
  if (canceled === null && status === 'canceled') tally.problem('a job was canceled by nobody', seen);
  if (canceled !== null && status !== 'canceled') tally.problem('a canceled job ended otherwise', seen);
}

/** The first result that was accepted stands; a photo fails for a reason that was reported, or because nobody came back with it. */
function checkPhotos({ jobId, status, items }: Job, reports: Reports, tally: Tally): void {
  const accepted = reports.acceptedOf(jobId);
  for (const { idx, status: shown, error, resultUrl } of items) {
    const verdict = accepted.get(idx);
    const seen = `${jobId} ${status}, photo ${idx} ${shown} ${error ?? ''}, accepted ${verdict ?? 'nothing'}`;
    if (verdict !== undefined && verdict !== shown) tally.problem('a photo is not what was accepted', seen);
    if (shown === 'pending') tally.problem('a photo is pending though its job has ended', seen);
    if (shown === 'done' && resultUrl === undefined) tally.problem('a done photo has no result to fetch', seen);
    if (shown !== 'failed') continue;
    const byWorker = error !== undefined && /surface|second thought/.test(error);
    const givenUp = error !== undefined && GIVEN_UP.includes(error);
    if (!byWorker && !givenUp) tally.problem('a photo failed for a reason that should not occur', seen);
  }
}
