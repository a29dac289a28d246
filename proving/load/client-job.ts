/** One job as a client runs it: create, upload, confirm, execute, follow to the end; or cancel on the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CreatedJob, isS3Error, type S3Client, type Upload } from '@s3-workers/client-sdk';
import { ENDED } from '../world/look.ts';
import { insist } from './insist.ts';
import { patiently, type Weather } from './patience.ts';
import { CHOICES, type PlannedJob } from './plan.ts';
import { EXECUTION_MS } from './settings.ts';
import type { Tally } from './tally.ts';

/** A job that has not ended so long after its execution is stuck: its time is over long before. */
const STUCK_MS = EXECUTION_MS + 240_000;
const UPLOAD_LIMIT_MS = 60_000;
const UPLOAD_ROUNDS = 5;
const FIRST_LOOK = 600;
const LONGEST_PAUSE = 2_500;

export type RanJob = {
  planned: PlannedJob;
  /** Null when not even the create was answered. */
  jobId: string | null;
  /** What a cancel was answered. */
  canceled: { charged: number; refunded: number } | null;
};

export type JobDeps = {
  client: S3Client;
  photos: Buffer[];
  tally: Tally;
  weather: Weather;
  /** Called as soon as the job has an id. */
  onCreated(jobId: string): void;
};

export async function runJob(planned: PlannedJob, deps: JobDeps): Promise<RanJob> {
  const ran: RanJob = { planned, jobId: null, canceled: null };
  try {
    await follow(planned, deps, ran);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name} ${error.message}` : String(error);
    deps.tally.problem('a client was refused', `job ${planned.ordinal} ${ran.jobId ?? ''} ${reason}`);
  }
  return ran;
}

async function follow(planned: PlannedJob, deps: JobDeps, ran: RanJob): Promise<void> {
  const { client, tally } = deps;
  const { jobId, uploads } = await create(planned, deps);
  ran.jobId = jobId;
  deps.onCreated(jobId);
  const cancelHere = async (moment: PlannedJob['cancel']): Promise<boolean> => {
    if (planned.cancel !== moment) return false;
    ran.canceled = await cancel(jobId, planned, deps);
    return ran.canceled !== null;
  };
  if (await cancelHere('created')) return;
  await uploadAll(jobId, uploads, planned, deps);
  if (await cancelHere('uploaded')) return;
  const { concepts, protect } = CHOICES[planned.preset];
  const { masks, idempotencyKey } = planned;
  const execute = { jobId, concepts, protect: [...protect], masks, idempotencyKey: `${idempotencyKey}-execute` };
  await once(planned, () => patiently(() => client.jobs.execute(execute), tally));
  if (await cancelHere('queued')) return;

  const until = Date.now() + STUCK_MS;
  for (let pause = FIRST_LOOK; Date.now() < until; pause = Math.min(pause * 1.4, LONGEST_PAUSE)) {
    await sleep(pause);
    const { status, progress } = await patiently(() => client.jobs.get({ jobId }), tally);
    if (ENDED.has(status)) return;
    if (progress.done + progress.failed > 0 && (await cancelHere('midway'))) return;
  }
}

/** A second key, where the first names a reservation that was given up before its job came to be: only a kill does that. */
async function create(planned: PlannedJob, { client, photos, tally }: JobDeps): Promise<CreatedJob> {
  const { preset } = planned;
  const described = planned.photos.map((n) => ({ contentType: 'image/jpeg' as const, bytes: photos[n]?.length ?? 0 }));
  for (let key = planned.idempotencyKey; ; key += '-again') {
    try {
      const call = () => client.jobs.create({ preset, photos: described, idempotencyKey: key });
      const [first, second] = await once(planned, () => patiently(call, tally));
      if (second && second.jobId !== first.jobId) tally.problem('one key made two jobs', key);
      return first;
    } catch (error) {
      if (!isS3Error(error, 'ALREADY_CANCELED') && !isS3Error(error, 'IDEMPOTENCY_CONFLICT')) throw error;
      tally.add('tombstones');
    }
  }
}

/** Twice at once for those who click twice; the calls carry one key. */
async function once<T>(planned: PlannedJob, call: () => Promise<T>): Promise<[T, T?]> {
  return planned.doubled ? Promise.all([call(), call()]) : [await call()];
}

async function uploadAll(jobId: string, first: Upload[], planned: PlannedJob, deps: JobDeps): Promise<void> {
  const { client, tally } = deps;
  let uploads = first;
  for (let round = 1; ; round++) {
    const statuses = await Promise.all(uploads.map((upload) => put(upload, planned, deps)));
    const expired = uploads.filter((_, n) => statuses[n] === 403).map(({ idx }) => idx);
    const missing = expired.length > 0 ? expired : await confirm(jobId, deps);
    if (missing.length === 0) return;
    if (round >= UPLOAD_ROUNDS) throw new Error(`the photos were not taken in ${round} rounds`);
    tally.add('uploadsRepeated', missing.length);
    uploads = (await patiently(() => client.jobs.renewUploads({ jobId, indexes: missing }), tally)).uploads;
  }
}

/** Indexes of the photos that are not there. */
async function confirm(jobId: string, { client, tally }: JobDeps): Promise<number[]> {
  try {
    await patiently(() => client.jobs.confirmUpload({ jobId }), tally);
    return [];
  } catch (error) {
    if (!isS3Error(error, 'UPLOAD_INCOMPLETE')) throw error;
    tally.problem('an upload that was answered is not there', `${jobId} ${JSON.stringify(error.data)}`);
    return error.data.missing;
  }
}

/** 200, 412 when the photo is there already, 403 when the URL has expired. */
async function put(
  { idx, url, headers }: Upload,
  planned: PlannedJob,
  { photos, tally, weather }: JobDeps,
): Promise<number> {
  const body = new Uint8Array(photos[planned.photos[idx] ?? 0] ?? []);
  const answer = await insist(url, { method: 'PUT', headers, body }, UPLOAD_LIMIT_MS, (failure) => {
    tally.add('clientRetries');
    if (!weather.disturbed()) tally.failed("a photo's upload", failure);
  });
  const status = answer?.status ?? 0;
  if (![200, 412, 403].includes(status)) throw new Error(`an upload was answered ${status}: ${answer?.body}`);
  return status;
}

/** Null when the job had ended before. */
async function cancel(jobId: string, { idempotencyKey, photos }: PlannedJob, { client, tally }: JobDeps) {
  try {
    const call = () => client.jobs.cancel({ jobId, idempotencyKey: `${idempotencyKey}-cancel` });
    const { charged, refunded } = await patiently(call, tally);
    tally.add('cancels');
    if (charged + refunded !== photos.length)
      tally.problem('a cancel does not add up', `${jobId} ${charged} ${refunded}`);
    return { charged, refunded };
  } catch (error) {
    if (isS3Error(error, 'INVALID_TRANSITION')) return null;
    throw error;
  }
}
