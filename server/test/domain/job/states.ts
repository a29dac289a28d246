/** Jobs in each state, reached through the real commands, and short ways to read a decision. */
import type { CallbackResult } from '../../../src/contract/callback.ts';
import type { Refusal } from '../../../src/contract/errors.ts';
import type { Photo } from '../../../src/contract/jobs.ts';
import { type Bitmap, of } from '../../../src/domain/bitmap.ts';
import { type Create, create } from '../../../src/domain/job/create.ts';
import { beginDispatch, confirmDispatch } from '../../../src/domain/job/dispatch.ts';
import { cancel, verified } from '../../../src/domain/job/ending.ts';
import { type Execute, execute } from '../../../src/domain/job/execute.ts';
import type { Look } from '../../../src/domain/job/look.ts';
import { plan } from '../../../src/domain/job/planning.ts';
import { applyResults } from '../../../src/domain/job/results.ts';
import type { Decided, Decision, JobSettings, JobState, Run } from '../../../src/domain/job/state.ts';
import { confirmUpload, type Found } from '../../../src/domain/job/uploads.ts';
import { parseSettings } from '../../../src/settings/settings.ts';

/** The production values. */
export const SETTINGS: JobSettings = parseSettings(
  {
    JWT_SECRET: 'test',
    GPU_CALLBACK_SECRET: 'test',
    R2_ACCOUNT_ID: 'test',
    R2_ACCESS_KEY_ID: 'test',
    R2_SECRET_ACCESS_KEY: 'test',
    R2_BUCKET_NAME: 'test',
  },
  false,
).job;
export const T0 = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const JOB = { userId: 'u1', jobId: 'j1' };

/** The decision, which must not be a refusal. */
export function taken<T>(decision: Decision<T>): Decided<T> {
  if (!decision.ok) throw new Error(`refused: ${decision.refusal.code} ${decision.refusal.message}`);
  return decision;
}

/** The job after a decision, which must not be a refusal, before anything is planned with it. */
export const after = <T>(decision: Decision<T>): JobState => taken(decision).job;
/** The same with what is planned. */
export const planned = <T>(decision: Decision<T>, now = T0): JobState => plan(after(decision), now, SETTINGS);
/** Its only run. */
export function runOf(job: JobState): Run {
  const [run, ...others] = job.runs;
  if (run === undefined || others.length > 0) throw new Error(`has ${job.runs.length} runs`);
  return run;
}

/** The refusal, which there must be. */
export function refusalOf(decision: { ok: true } | { ok: false; refusal: Refusal }): Refusal {
  if (decision.ok) throw new Error('was not refused');
  return decision.refusal;
}

export const photos = (total: number): Photo[] =>
  Array.from({ length: total }, (_, idx) => ({ contentType: 'image/jpeg', bytes: 1000 + idx }));

export const createCommand = (total: number, changes: Partial<Create> = {}): Create => ({
  ...JOB,
  preset: 'interior',
  photos: photos(total),
  source: null,
  ...changes,
});

export const executeCommand = (changes: Partial<Execute> = {}): Execute => ({
  choice: { concepts: { Floor: { action: 'recolor', value: 'oak' } } },
  rule: null,
  callbackBase: 'https://api.test',
  idempotencyKey: null,
  ...changes,
});

/** What one LIST finds when every photo lies there as announced. */
export const inventoryOf = (job: JobState): Map<number, Found> =>
  new Map(job.photos.map(({ bytes, contentType }, idx) => [idx, { bytes, contentType }]));

export const created = (total = 2): JobState => after(create(null, createCommand(total), T0, SETTINGS));

export function uploaded(total = 2): JobState {
  const job = created(total);
  return after(confirmUpload(job, inventoryOf(job), T0, SETTINGS));
}

export const queued = (total = 2): JobState => planned(execute(uploaded(total), executeCommand(), T0, SETTINGS));

/** A consumer took the message; the provider has not answered. */
export const claimed = (total = 2, now = T0): JobState => after(beginDispatch(queued(total), 1, now, SETTINGS));

/** The provider runs attempt 1 as `run-1`. */
export const running = (total = 2, now = T0): JobState => after(confirmDispatch(claimed(total, now), 1, 'run-1', now));

export const doneResult = (idx: number, changes: Partial<CallbackResult> = {}): CallbackResult => ({
  idx,
  status: 'done',
  attempt: 1,
  ...changes,
});
export const failedResult = (idx: number, changes: Partial<CallbackResult> = {}): CallbackResult => ({
  idx,
  status: 'failed',
  attempt: 1,
  error: 'too dark',
  ...changes,
});

export const report = (job: JobState, results: CallbackResult[], now = T0) => applyResults(job, results, now, SETTINGS);

/** What the look into R2 finds where these photos have results, and these previews. */
export const seen = (results: Bitmap, previews = results): Look => ({ results, previews, reasons: new Map() });

/** All photos done, and all results in storage. */
export function done(total = 2): JobState {
  const closing = after(
    report(
      running(total),
      photos(total).map((_, idx) => doneResult(idx)),
    ),
  );
  return after(verified(closing, seen(closing.done, closing.previews), T0, SETTINGS));
}

export function failed(total = 2): JobState {
  const closing = after(
    report(
      running(total),
      photos(total).map((_, idx) => failedResult(idx)),
    ),
  );
  return after(verified(closing, seen(0n), T0, SETTINGS));
}

export const canceled = (job: JobState, key: string | null = null, now = T0): JobState =>
  after(cancel(job, key, now, SETTINGS));

/** The look into R2 that finds results of `indexes`. */
export const verifiedWith = (job: JobState, indexes: number[], now = T0): JobState => {
  return after(verified(job, seen(of(indexes), job.previews), now, SETTINGS));
};
