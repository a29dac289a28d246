/** Commands on a job, as its user gives them, and what the model makes of the answers. */
import { env } from 'cloudflare:workers';
import type { CreateInput, Photo } from '../../server/src/contract/jobs.ts';
import { runOf } from '../../server/src/domain/job/runs.ts';
import type { JobState } from '../../server/src/domain/job/state.ts';
import { inputKey } from '../../server/src/domain/keys.ts';
import { takingSlots } from '../../server/src/domain/ledger.ts';
import { PLANS } from '../../server/src/domain/plans.ts';
import type { Context } from '../../server/src/rpc/context.ts';
import { ApiError } from '../../server/src/rpc/errors.ts';
import { createJob } from '../../server/src/rpc/jobs/create.ts';
import { newJobId } from '../../server/src/rpc/objects.ts';
import { settingsOf } from '../../server/src/settings/settings.ts';
import { HOUR, MINUTE } from '../world/clock.ts';
import { ENDED } from '../world/look.ts';
import type { Single } from './commands.ts';
import { deliverMail, finishWork, sentPhotos } from './do-gpu.ts';
import { userAt } from './do-user.ts';
import { jobCalls, outside, putMissing } from './outside.ts';
import { jobAt, jobSeen, type ModelJob, type ModelUser, must, refOf, type World } from './world.ts';

const PHOTO: Photo = { contentType: 'image/jpeg', bytes: 4 };
const CONCEPTS = { Floor: { action: 'recolor', value: '#C8A27A' } } as const;
const { createdMaxMs } = settingsOf(env).job;
/** More than these cost time and show nothing new. */
const MOST_JOBS = 6;

const context = (): Context => ({
  env,
  settings: settingsOf(env),
  requestId: 'req_model',
  bearer: null,
  address: null,
  liveJobs: new Map(),
  origin: () => 'https://api.test',
});
export const callOf = (job: ModelJob) => ({ userId: job.user.id, requestId: 'req_model' });

/** Why a new job of that many photos has to be refused; null when it has to be taken. */
function refusalFor(world: World, user: ModelUser, photos: number): string | null {
  const look = world.userLooks.get(user.id);
  if (look === undefined) return null;
  if (takingSlots(look.holds).length >= PLANS[user.plan].activeJobs) return 'CONCURRENCY_LIMIT';
  return look.account.balance < photos ? 'CREDITS_EXHAUSTED' : null;
}

/** `jobs.create` as the Worker does it; the code of the refusal, `lost` when there was no answer. */
async function ask(job: ModelJob, input: CreateInput): Promise<string> {
  try {
    const made = await createJob(context(), job.user.id, null, { ...input, idempotencyKey: job.key });
    must(made.jobId === job.id, 'the same key names the same job', () => job.id);
    job.made = true;
    for (const { expiresAt } of made.uploads) job.putUntil = Math.max(job.putUntil, expiresAt.getTime());
    return 'made';
  } catch (error) {
    if (error instanceof ApiError) return error.refusal.code;
    must(outside.everTroubled, 'an answer is only lost when something fails', () => String(error));
    return 'lost';
  } finally {
    job.askedAt = Date.now();
  }
}

function newModelJob(world: World, user: ModelUser, photos: Photo[], from: ModelJob['from']): ModelJob {
  const key = `key-${world.seed}-${world.serial++}`;
  const job: ModelJob = {
    id: newJobId({ env }, user.id, key),
    user,
    key,
    photos,
    from,
    made: false,
    reported: new Map(),
    unanswered: 0,
    canceled: false,
    deleted: false,
    deleting: false,
    toDelete: false,
    putUntil: 0,
    askedAt: 0,
  };
  world.jobs.push(job);
  world.touched.add(job.id).add(user.id);
  return job;
}

async function create(world: World, user: ModelUser, count: number): Promise<string> {
  if (world.jobs.length >= MOST_JOBS) return 'enough jobs';
  const sure = world.alone && !outside.troubled;
  const wanted = refusalFor(world, user, count);
  const photos = Array.from({ length: count }, () => PHOTO);
  const job = newModelJob(world, user, photos, null);
  const answer = await ask(job, { preset: 'interior', photos });
  if (sure)
    must(
      answer === (wanted ?? 'made'),
      'a job is taken when slots and credits allow it',
      () => `${answer}, not ${wanted}`,
    );
  return `${world.jobs.length - 1}: ${answer}`;
}

async function createAgain(world: World, job: ModelJob, other: boolean): Promise<string> {
  world.touched.add(job.user.id);
  const before = jobSeen(world, job.id);
  const sure = world.alone && !outside.troubled && before !== null && before.deletedAt === null;
  const photos = other ? job.photos.map(({ contentType, bytes }) => ({ contentType, bytes: bytes + 1 })) : job.photos;
  const from = job.from === null || other ? null : { jobId: job.from.jobId, indexes: job.from.indexes };
  const answer = await ask(job, from === null ? { preset: 'interior', photos } : { from });
  if (sure && from === null && job.from === null && !ENDED.has(before.status)) {
    must(
      answer === (other ? 'IDEMPOTENCY_CONFLICT' : 'made'),
      'a key used again finds its job, or a conflict',
      () => answer,
    );
  }
  return answer;
}

async function createFrom(world: World, source: ModelJob, indexes: number[] | null): Promise<string> {
  if (world.jobs.length >= MOST_JOBS) return 'enough jobs';
  const named = indexes?.filter((idx) => idx < source.photos.length) ?? source.photos.map((_, idx) => idx);
  if (named.length === 0) return 'no such photos';
  world.touched.add(source.id);
  const photos = named.flatMap((idx) => source.photos[idx] ?? []);
  const job = newModelJob(world, source.user, photos, { jobId: source.id, indexes: named });
  return `${world.jobs.length - 1}: ${await ask(job, { from: { jobId: source.id, indexes: named } })}`;
}

/** Puts photos where the signed URLs would, while they are good. */
async function putInputs(job: ModelJob, indexes: number[] | null, wrong: boolean): Promise<string> {
  if (Date.now() > job.putUntil) return 'URLs expired';
  const all = job.photos.map((_, idx) => idx);
  const keys = (indexes ?? all).filter((idx) => idx < job.photos.length).map((idx) => inputKey(refOf(job), idx));
  const bytes = (job.photos[0]?.bytes ?? 0) - (wrong ? 1 : 0);
  return putMissing(keys, new Uint8Array(bytes), PHOTO.contentType);
}

/** Whoever asks in time, and for the job that waits, gets URLs and an hour. */
async function renew(world: World, job: ModelJob): Promise<string> {
  const before = jobSeen(world, job.id);
  const answer = await jobCalls(job.id).renewUploads(callOf(job), [0]);
  job.askedAt = Date.now();
  const inTime = before?.status === 'created' && job.askedAt < before.deadline;
  if (world.alone && inTime) must(answer.ok, 'a job that waits for its photos gives URLs for them', () => job.id);
  if (!answer.ok) return answer.refusal.code;
  const { uploads, deadline } = answer.value;
  for (const { until } of uploads) job.putUntil = Math.max(job.putUntil, until);
  if (inTime) {
    // Asked for within a minute, the time is that of before.
    const least = Math.min(job.askedAt + HOUR - MINUTE, before.createdAt + createdMaxMs);
    must(deadline >= least, 'a job waits for an hour more when its URLs are asked for, up to the most', () => job.id);
  }
  return `until ${deadline}`;
}

async function confirm(world: World, job: ModelJob): Promise<string> {
  const answer = await jobCalls(job.id)
    .confirmUpload(callOf(job))
    .catch(() => null);
  if (answer === null) {
    world.stuck.add(job.id);
    return 'lost';
  }
  const lies = job.photos.every((_, idx) => outside.stored.has(inputKey(refOf(job), idx)));
  if (answer.ok && job.from === null && answer.value.status === 'uploaded') {
    must(lies, 'uploads are confirmed only when all photos lie in R2', () => job.id);
  }
  return answer.ok ? answer.value.status : answer.refusal.code;
}

async function execute(world: World, job: ModelJob, key: number, rule: number | null): Promise<string> {
  const ruleId = [...job.user.rules.keys()][(rule ?? 0) % Math.max(1, job.user.rules.size)];
  const command = {
    choice: { concepts: CONCEPTS },
    rule: rule === null || ruleId === undefined ? null : { id: ruleId, preset: 'interior' as const },
    callbackBase: 'https://api.test',
    idempotencyKey: `execute-${key}`,
  };
  const answer = await jobCalls(job.id).execute(callOf(job), command);
  // The user's object could not ask the one that keeps the ceilings, and threw to the job's.
  if (!answer.ok && answer.refusal.code === 'SERVICE_UNAVAILABLE') world.stuck.add(job.user.id).add(job.id);
  return answer.ok ? answer.value.status : answer.refusal.code;
}

async function cancel(world: World, job: ModelJob, key: number): Promise<string> {
  const healthy = world.alone && !outside.troubled;
  // The slot is the user object's: it is free in the answer whatever else fails.
  const freeable = world.alone && !outside.mayHold && outside.reaches('settle', 'freeSlot');
  const before = jobSeen(world, job.id);
  const lived = before !== null && !ENDED.has(before.status);
  if (lived || before === null) job.canceled = true;
  world.touched.add(job.user.id);
  const answer = await jobCalls(job.id).cancel(callOf(job), `cancel-${key}`);
  if (!answer.ok) {
    if (healthy) must(!lived, 'a live job can be canceled', () => `${job.id} ${answer.refusal.code}`);
    return answer.refusal.code;
  }
  const { charged, refunded } = answer.value;
  must(charged + refunded === job.photos.length, 'a cancel charges or returns every credit', () => job.id);
  if (freeable && lived) world.freed = job.id;
  if (healthy && lived) {
    must(charged <= job.reported.size, 'a cancel charges what is done only', () => job.id);
  }
  return `charged ${charged}`;
}

export async function remove(job: ModelJob): Promise<string> {
  job.deleting = true;
  const answer = await jobCalls(job.id).remove(callOf(job));
  job.toDelete = !answer.ok && answer.refusal.code === 'SERVICE_UNAVAILABLE';
  if (answer.ok) job.deleted = true;
  return answer.ok ? 'deleted' : answer.refusal.code;
}

const mailOf = (job: ModelJob) => outside.mail.filter(({ job_id }) => job_id === job.id);
/** Whether a run that nobody has taken is on its way. */
const isNextInMail = (job: ModelJob, seen: JobState): boolean =>
  mailOf(job).some(({ attempt }) => runOf(seen, attempt)?.stage === 'none');

/** @param whole whether all that was sent is done at once */
async function advance(world: World, job: ModelJob, whole: boolean): Promise<string> {
  const seen = jobSeen(world, job.id);
  switch (seen?.status) {
    case 'created':
      await putInputs(job, null, false);
      return confirm(world, job);
    case 'uploaded':
      return execute(world, job, 0, null);
    case 'queued':
    case 'running':
      if (isNextInMail(job, seen)) return deliverMail(world, mailOf(job));
      if (sentPhotos(seen).length > 0) return finishWork(world, job, whole ? undefined : 1);
      return deliverMail(world, mailOf(job));
    default:
      return 'nothing to do';
  }
}

export function doJob(world: World, command: Single): Promise<string> | null {
  if (command.do === 'create') return create(world, userAt(world, command.user), command.photos);
  if (!('job' in command)) return null;
  if (command.do === 'advance' && world.jobs.every(({ id }) => ENDED.has(jobSeen(world, id)?.status ?? 'done'))) {
    return create(world, userAt(world, command.job), 1 + (command.job % 4));
  }
  const job = jobAt(world, command.job);
  if (job === undefined) return Promise.resolve('no job');
  world.touched.add(job.id);
  switch (command.do) {
    case 'create-again':
      return createAgain(world, job, command.other);
    case 'create-from':
      return createFrom(world, job, command.photos);
    case 'put-inputs':
      return putInputs(job, command.photos, command.wrong);
    case 'renew':
      return renew(world, job);
    case 'confirm':
      return confirm(world, job);
    case 'execute':
      return execute(world, job, command.key, command.rule);
    case 'cancel':
      return cancel(world, job, command.key);
    case 'delete':
      return remove(job);
    case 'advance':
      return advance(world, job, command.job % 2 === 0);
    default:
      return null;
  }
}
