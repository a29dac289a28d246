/** How a job comes to be: from photos that will be uploaded, or from those of an earlier job. */
import type { Photo } from '../../contract/jobs.ts';
import type { PresetId } from '../../contract/presets.ts';
import { EMPTY } from '../bitmap.ts';
import { invalid, ok, type Refused, type Result, refuse } from '../result.ts';
import { ask, refusedIn } from './refusals.ts';
import { type Decision, decided, type From, hasEnded, type JobSettings, type JobState } from './state.ts';
import { verdictOf } from './transitions.ts';
import { noteUploads } from './uploads.ts';

export type Create = {
  jobId: string;
  userId: string;
  preset: PresetId;
  photos: Photo[];
  source: { jobId: string; indexes: number[] } | null;
  from?: From;
};

/** `existing` is the job under that id, if there is one: the same call again changes nothing. */
export function create(existing: JobState | null, command: Create, now: number, settings: JobSettings): Decision<null> {
  if (existing !== null) return repeatCreate(existing, command, now, settings);
  const uploaded = command.source !== null;
  const job: JobState = {
    ...command,
    status: uploaded ? 'uploaded' : 'created',
    createdAt: now,
    deadline: now + (uploaded ? settings.uploadedMs : settings.createdMs),
    dependents: [],
    choice: null,
    ruleId: null,
    executeKey: null,
    cancelKey: null,
    callbackBase: '',
    attempt: 0,
    runs: [],
    tries: [],
    again: [],
    done: EMPTY,
    failed: EMPTY,
    previews: EMPTY,
    endedAt: null,
    error: null,
    deadLetter: false,
    charged: null,
    putsExpireAt: uploaded ? now : now + settings.uploadUrlMs,
    inputsGone: false,
    tidied: false,
    deletedAt: null,
    effects: {},
  };
  return decided(job, null);
}

function repeatCreate(existing: JobState, command: Create, now: number, settings: JobSettings): Decision<null> {
  const same =
    existing.userId === command.userId &&
    isMadeOf(existing, command) &&
    JSON.stringify(existing.source) === JSON.stringify(command.source);
  if (!same) return keyTaken();
  if (verdictOf(existing, 'create') === 'answered') return decided(existing, null);
  return decided(noteUploads(existing, now, settings), null);
}

export const jobGone = (): Refused =>
  refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a job that is gone', { field: 'idempotencyKey' });

export const keyTaken = (): Refused =>
  refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for another job', { field: 'idempotencyKey' });

/** Whether the job has exactly these photos, for this preset. */
export const isMadeOf = (job: JobState, { preset, photos }: { preset: PresetId; photos: Photo[] }): boolean =>
  job.preset === preset && JSON.stringify(job.photos) === JSON.stringify(photos);

/** Which photos a create names. The same photo twice counts once. */
export const fromOf = ({ jobId, indexes }: { jobId: string; indexes?: number[] | undefined }): From => ({
  jobId,
  indexes: indexes === undefined ? null : [...new Set(indexes)],
});

/** Whether the job was made as `asked` now says, which can be told without the job that it was made from. */
export function madeFrom(job: JobState, asked: From): boolean {
  if (job.source === null) return false;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (job.from === undefined) {
    // Older jobs know the one that uploaded their photos only.
    return job.source.jobId !== asked.jobId || asked.indexes === null || same(job.source.indexes, asked.indexes);
  }
  const { jobId, indexes } = job.from;
  const every = job.photos.map((_, idx) => idx);
  return jobId === asked.jobId && (same(indexes, asked.indexes) || (indexes === null && same(every, asked.indexes)));
}

/** What a job made from this one needs to know. */
export type Loan = { preset: PresetId; photos: Photo[]; source: { jobId: string; indexes: number[] }; from?: From };

/** Most jobs that may need one job's photos at a time. */
const MAX_DEPENDENTS = 100;

/** Which photos a job made from this one would get; all of them when `indexes` is left out. */
export function loanOf(job: JobState, indexes: number[] | undefined): Result<Loan> {
  const verdict = ask(job, 'loan');
  if (typeof verdict !== 'string') return verdict;
  if (hasEnded(job) && job.attempt === 0 && job.source === null) return refusedIn(job, 'loan');
  const named = indexes ?? job.photos.map((_, idx) => idx);
  const wrong = named.findIndex((idx) => job.photos[idx] === undefined);
  if (wrong !== -1) return invalid(`from.indexes[${wrong}]`, `the job has photos 0 to ${job.photos.length - 1}`);
  const wanted = [...new Set(named)];
  const photos = wanted.flatMap((idx) => job.photos[idx] ?? []);
  const source = {
    jobId: job.source?.jobId ?? job.jobId,
    indexes: wanted.map((idx) => job.source?.indexes[idx] ?? idx),
  };
  const every = wanted.length === job.photos.length && wanted.every((idx, place) => idx === place);
  return ok({ preset: job.preset, photos, source, from: { jobId: job.jobId, indexes: every ? null : wanted } });
}

/** Notes that `dependent` needs this job's inputs. Asked of the job that uploaded them, which its user may have deleted meanwhile. */
export function lend(job: JobState, dependent: string): Decision<null> {
  if (job.dependents.includes(dependent)) return decided(job, null);
  if (job.inputsGone || job.deletedAt !== null) {
    return refuse('INVALID_TRANSITION', 'from.jobId: the photos of that job were deleted', {
      status: job.status,
      action: 'make a job from it',
    });
  }
  if (job.dependents.length >= MAX_DEPENDENTS) {
    return refuse(
      'INVALID_TRANSITION',
      `from.jobId: ${MAX_DEPENDENTS} jobs were made from these photos, which is the most`,
      {
        status: job.status,
        action: 'make a job from it',
      },
    );
  }
  return decided({ ...job, dependents: [...job.dependents, dependent] }, null);
}

/**
 * The same at a time. Photos that have been there for long are lent to no further job, or one after the other could keep them for ever, and
 * the bucket's own lifecycle rule, which knows their age alone, would delete what is needed.
 */
export function lendAt(job: JobState, dependent: string, now: number, { lendMs }: JobSettings): Decision<null> {
  if (now <= job.createdAt + lendMs || job.dependents.includes(dependent)) return lend(job, dependent);
  return refuse('INVALID_TRANSITION', 'from.jobId: the photos of that job are too old, upload them again', {
    status: job.status,
    action: 'make a job from it',
  });
}
