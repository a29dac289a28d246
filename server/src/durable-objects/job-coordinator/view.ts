/** What the job's object tells others about itself. Plain values: they cross RPC. */
import type { AdminJob } from '../../contract/admin.ts';
import type { JobStatus, Photo, ResultFormat } from '../../contract/jobs.ts';
import type { PresetId } from '../../contract/presets.ts';
import { count, toHex } from '../../domain/bitmap.ts';
import { asEarlier } from '../../domain/job/earlier-release.ts';
import { keptUntil } from '../../domain/job/ending.ts';
import { etaMs } from '../../domain/job/pace.ts';
import { hasBegun, isWaiting, openOf, outRuns, waitingPhotos } from '../../domain/job/runs.ts';
import {
  hasEnded,
  inputIndex,
  inputOwner,
  isAtWork,
  isClosing,
  type JobSettings,
  type JobState,
  type Progress,
  progressOf,
  type Run,
} from '../../domain/job/state.ts';
import { owedEffects } from '../../domain/job/timing.ts';
import { inputKey } from '../../domain/keys.ts';
import { formatOf } from '../../domain/presets.ts';

/** Times are milliseconds since the Unix epoch; bitmaps are hexadecimal text (domain/bitmap.ts). */
export type JobSnapshot = {
  jobId: string;
  userId: string;
  status: JobStatus;
  preset: PresetId;
  /** Null until it is executed. */
  format: ResultFormat | null;
  progress: Progress;
  done: string;
  failed: string;
  previews: string;
  errors: { idx: number; error: string }[];
  createdAt: number;
  deadline: number | null;
  endedAt: number | null;
  keptUntil: number | null;
  error: string | null;
  charged: number | null;
  etaMs: number | null;
  waiting: boolean;
};

export function snapshotOf(
  job: JobState,
  errors: ReadonlyMap<number, string>,
  settings: JobSettings,
  now: number,
): JobSnapshot {
  return {
    jobId: job.jobId,
    userId: job.userId,
    status: job.status,
    preset: job.preset,
    format: job.choice === null ? null : formatOf(job.choice),
    progress: progressOf(job),
    done: toHex(job.done),
    failed: toHex(job.failed),
    previews: toHex(job.previews),
    errors: [...errors].map(([idx, error]) => ({ idx, error })),
    createdAt: job.createdAt,
    deadline: hasEnded(job) ? null : job.deadline,
    endedAt: job.endedAt,
    keptUntil: keptUntil(job, settings),
    error: job.error,
    charged: job.charged,
    etaMs: etaMs(job, now),
    waiting: isWaiting(job),
  };
}

/** A job for its owner's export. `inputs`: keys of the photos as they were uploaded; none when they are not kept (any more). */
export type JobExport = {
  snapshot: JobSnapshot;
  choice: JobState['choice'];
  masks?: boolean | undefined;
  ruleId: string | null;
  inputs: string[];
};

export function exportOf(job: JobState): Omit<JobExport, 'snapshot'> {
  const kept = job.status !== 'created' && !job.inputsGone;
  const inputs = kept ? job.photos.map((_, idx) => inputKey(inputOwner(job), inputIndex(job, idx))) : [];
  return { choice: job.choice, masks: job.masks, ruleId: job.ruleId, inputs };
}

/** A photo that may be uploaded, with what its URL has to bind. `until`: when the job takes it that the URL has ended. */
export type UploadSlot = { idx: number; photo: Photo; until: number };

export const uploadSlots = (job: JobState, indexes: number[]): UploadSlot[] =>
  indexes.flatMap((idx) => {
    const photo = job.photos[idx];
    return photo === undefined ? [] : [{ idx, photo, until: job.putsExpireAt }];
  });

/** Everything that a new job on the same photos with the same choice needs; for operators. */
export type Recipe = {
  userId: string;
  preset: PresetId;
  choice: JobState['choice'];
  masks?: boolean | undefined;
  ruleId: string | null;
};

/** @param late photos of which a result came after the end */
export function adminViewOf(job: JobState, late: number, nextAlarm: number | null): AdminJob {
  const { done, failed, total } = progressOf(job);
  const { dispatch, providerId, leaseUntil } = asEarlier(job);
  return {
    jobId: job.jobId,
    userId: job.userId,
    status: job.status,
    total,
    done,
    failed,
    late,
    attempt: job.attempt,
    dispatch,
    providerId,
    leaseUntil: isAtWork(job) && !isClosing(job) ? leaseUntil : null,
    runs: isAtWork(job) ? outRuns(job).map((run) => adminRunOf(job, run)) : [],
    waitingPhotos: isAtWork(job) ? count(waitingPhotos(job)) : 0,
    providerSaid: job.providerSaid ?? null,
    nextAlarm,
    pendingEffects: owedEffects(job),
    error: job.error,
    charged: job.charged,
  };
}

function adminRunOf(job: JobState, run: Run): AdminJob['runs'][number] {
  const { attempt, stage, providerId, leaseUntil, refusals } = run;
  const photos = count(openOf(job, run));
  return { attempt, photos, dispatch: stage, begun: hasBegun(job, run), providerId, leaseUntil, refusals };
}
