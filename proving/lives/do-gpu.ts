/** Commands on the queue, the GPU provider and the GPU worker, and what the model makes of the answers. */
import type { CallbackResult } from '../../server/src/contract/callback.ts';
import type { QueueMessage } from '../../server/src/contract/gpu-message.ts';
import { has, indexesOf } from '../../server/src/domain/bitmap.ts';
import { openOf, outRuns } from '../../server/src/domain/job/runs.ts';
import { hasRun, type JobState } from '../../server/src/domain/job/state.ts';
import { outputKey, previewKey } from '../../server/src/domain/keys.ts';
import { PICTURE } from '../world/gpu.ts';
import { expiryOf } from '../world/jobs.ts';
import { deliver, deliverDead } from '../world/workerd/queue.ts';
import type { ReportItem, Single } from './commands.ts';
import { jobCalls, outside, putMissing } from './outside.ts';
import { LAST_LOOK, RETENTION } from './promises.ts';
import { jobAt, jobSeen, type ModelJob, must, refOf, type World } from './world.ts';

/** Takes messages out of the queue and gives them to the consumer; those that are to be retried go back. */
export async function deliverMail(world: World, messages: QueueMessage[]): Promise<string> {
  if (messages.length === 0) return 'no message';
  outside.mail = outside.mail.filter((message) => !messages.includes(message));
  for (const { job_id } of messages) world.touched.add(job_id);
  const { acked, retried } = await deliver(...messages);
  must(acked.length + retried.length === messages.length, 'every message is acked or retried', () =>
    messages.length.toString(),
  );
  for (const [at, message] of messages.entries()) {
    if (retried.includes(`m${at}`)) outside.mail.push(message);
    else world.delivered.push(message);
  }
  return `${acked.length} acked, ${retried.length} retried`;
}

function mailAt(at: number): QueueMessage | undefined {
  return outside.mail[at % Math.max(1, outside.mail.length)];
}

async function redeliver(world: World, at: number): Promise<string> {
  const message = world.delivered[at % Math.max(1, world.delivered.length)];
  if (message === undefined) return 'nothing was delivered';
  world.touched.add(message.job_id);
  const { acked } = await deliver(message);
  return `acked ${acked.length}`;
}

async function bury(world: World, at: number, old: boolean): Promise<string> {
  const message = old ? world.delivered[at % Math.max(1, world.delivered.length)] : mailAt(at);
  if (message === undefined) return 'no message';
  outside.mail = outside.mail.filter((one) => one !== message);
  world.touched.add(message.job_id);
  const before = jobSeen(world, message.job_id);
  const { acked } = await deliverDead(message);
  if (acked.length === 0) outside.mail.push(message);
  if (world.alone && before !== null) world.buried = { jobId: message.job_id, run: message.attempt };
  return `acked ${acked.length}`;
}

/** Until when the URLs of the job's results are good, as they were signed. */
function resultsUntil(job: ModelJob): number {
  const ends = outside.dispatched
    .filter(({ message }) => message.job_id === job.id)
    .flatMap(({ message }) => message.items.map(({ output_url }) => expiryOf(output_url)));
  return Math.max(0, ...ends);
}

async function putResults(job: ModelJob, photos: number[]): Promise<string> {
  if (Date.now() >= resultsUntil(job)) return 'no good URLs';
  const keys = photos.filter((idx) => idx < job.photos.length).map((idx) => outputKey(refOf(job), idx));
  return putMissing(keys, PICTURE, 'image/png');
}

/** The number that a worker gives with a result, if it gives one. */
function attemptOf(seen: JobState | null, { idx, attempt }: Pick<ReportItem, 'idx' | 'attempt'>): number | null {
  const last = seen?.attempt ?? 0;
  const own = seen === null ? undefined : outRuns(seen).find(({ photos }) => has(photos, idx))?.attempt;
  switch (attempt) {
    case 'none':
      return null;
    case 'own':
      return own ?? Math.max(1, last);
    case 'old':
      return Math.max(1, (own ?? last) - 1);
    case 'other':
      return (own ?? last) + 1;
  }
}

async function report(world: World, job: ModelJob, items: ReportItem[], put: boolean): Promise<string> {
  const wanted = items.map((item) => ({ ...item, idx: item.idx % job.photos.length }));
  if (put)
    await putResults(
      job,
      wanted.filter(({ failed }) => !failed).map(({ idx }) => idx),
    );
  const seen = jobSeen(world, job.id);
  const results = wanted.map((item): CallbackResult => {
    const attempt = attemptOf(seen, item);
    const preview_key = item.preview ? previewKey(refOf(job), item.idx) : null;
    return { idx: item.idx, status: item.failed ? 'failed' : 'done', attempt, preview_key };
  });
  return tell(world, job, results);
}

/** A callback wakes the job, which does what is due first: that may be its own end. */
function mayBeGone(job: JobState): boolean {
  if (job.deletedAt !== null) return true;
  if (job.endedAt === null) return false;
  return Date.now() >= (hasRun(job) ? job.endedAt + RETENTION : Math.max(job.endedAt, job.putsExpireAt) + LAST_LOOK);
}

async function tell(world: World, job: ModelJob, results: CallbackResult[]): Promise<string> {
  world.touched.add(job.user.id);
  const before = jobSeen(world, job.id);
  const sure = world.alone;
  const named = { jobId: job.id, runs: results.map(({ attempt }) => attempt ?? null), taken: [] as (number | null)[] };
  if (sure) world.named = named;
  job.unanswered++;
  const answer = await jobCalls(job.id).report('req_model', results);
  job.unanswered--;
  if (!answer.ok) {
    must(
      answer.refusal.code === 'JOB_NOT_FOUND' && !(sure && before !== null && !job.deleting && !mayBeGone(before)),
      'a callback to a job is taken',
      () => answer.refusal.code,
    );
    return answer.refusal.code;
  }
  const open = new Set(
    job.photos.map((_, idx) => idx).filter((idx) => before && !has(before.done | before.failed, idx)),
  );
  for (const [at, { idx, outcome }] of answer.value.items.entries()) {
    const result = results[at];
    if (result === undefined) continue;
    const atWork = before?.status === 'queued' || before?.status === 'running';
    const expected = !open.has(idx) ? 'duplicate' : atWork ? 'accepted' : 'ignored';
    if (sure)
      must(outcome === expected, 'a callback is answered by what it did', () => `${idx}: ${outcome}, not ${expected}`);
    if (outcome !== 'accepted') continue;
    named.taken.push(result.attempt ?? null);
    open.delete(idx);
    must(!job.reported.has(idx), 'a photo is settled once', () => `${job.id} ${idx}`);
    job.reported.set(idx, result.status === 'failed' ? 'failed' : 'done');
  }
  return answer.value.items.map(({ idx, outcome }) => `${idx} ${outcome}`).join(', ');
}

/** Photos that are open and that somebody has been sent. */
export const sentPhotos = (seen: JobState): number[] =>
  outRuns(seen).flatMap((run) => (run.stage === 'none' ? [] : indexesOf(openOf(seen, run))));

/** A GPU worker that does what it was sent, and well: `most` photos of it. Half of them do not say for which run. */
export async function finishWork(world: World, job: ModelJob, most = Number.POSITIVE_INFINITY): Promise<string> {
  const seen = jobSeen(world, job.id);
  const open = seen === null ? [] : sentPhotos(seen).slice(0, most);
  if (open.length === 0) return 'nothing was sent that is open';
  await putResults(job, open);
  const attempt = world.serial++ % 2 === 0 ? 'own' : 'none';
  const results = open.map((idx) => ({ idx, status: 'done' as const, attempt: attemptOf(seen, { idx, attempt }) }));
  return tell(world, job, results);
}

export function doGpu(world: World, command: Single): Promise<string> | null {
  switch (command.do) {
    case 'deliver': {
      const from = command.first % Math.max(1, outside.mail.length);
      return deliverMail(world, outside.mail.slice(from, from + command.count));
    }
    case 'redeliver':
      return redeliver(world, command.message);
    case 'drop': {
      const message = mailAt(command.message);
      outside.mail = outside.mail.filter((one) => one !== message);
      return Promise.resolve(message === undefined ? 'no message' : 'dropped');
    }
    case 'dead-letter':
      return bury(world, command.message, command.old);
    case 'provider-answers':
      outside.nextAnswers.push(...command.answers);
      return Promise.resolve('noted');
    case 'provider-says':
      outside.runStatuses = command.statuses;
      return Promise.resolve('noted');
    case 'put-results':
    case 'report': {
      const job = jobAt(world, command.job);
      if (job === undefined) return Promise.resolve('no job');
      world.touched.add(job.id);
      return command.do === 'report' ? report(world, job, command.items, command.put) : putResults(job, command.photos);
    }
    default:
      return null;
  }
}
