/**
 * A job in a small world, for walks of random steps: a clock, what lies in R2, the user's ledger, and every command that
 * the objects give the job. `step` does what the shell does, without waiting for anything.
 */
import type { CallbackResult } from '../../../src/contract/callback.ts';
import { type Bitmap, EMPTY, has, of } from '../../../src/domain/bitmap.ts';
import { create, lend } from '../../../src/domain/job/create.ts';
import {
  beginDispatch,
  confirmDispatch,
  deadLetter,
  refuseDispatch,
  rejectDispatch,
} from '../../../src/domain/job/dispatch.ts';
import { cancel, settled, verified } from '../../../src/domain/job/ending.ts';
import { execute } from '../../../src/domain/job/execute.ts';
import { hear, type RunStatus } from '../../../src/domain/job/leases.ts';
import { plan } from '../../../src/domain/job/planning.ts';
import { cleanedUp, remove } from '../../../src/domain/job/removal.ts';
import { applyResults } from '../../../src/domain/job/results.ts';
import {
  type Decision,
  decided,
  type EffectName,
  type JobEvent,
  type JobSettings,
  type JobState,
} from '../../../src/domain/job/state.ts';
import {
  cleanUpAt,
  effectDone,
  effectFailed,
  nextAlarm,
  owedEffects,
  timeout,
} from '../../../src/domain/job/timing.ts';
import { confirmUpload, renewUploads } from '../../../src/domain/job/uploads.ts';
import { type Account, grant, type Hold, newAccount, reserve, settle } from '../../../src/domain/ledger.ts';
import { createCommand, executeCommand, inventoryOf, seen, T0 } from './states.ts';

/** Short deadlines, so that a walk passes all of them. Milliseconds. */
export const SHORT: JobSettings = {
  createdMs: 1_000,
  createdMaxMs: 2_500,
  uploadedMs: 2_000,
  executionMs: 4_000,
  leaseMs: 300,
  attemptPerPhotoMs: 50,
  maxAttempts: 3,
  maxRuns: 2,
  firstRunPhotos: 2,
  runPhotos: 3,
  askMs: 60,
  completeMs: 40,
  refusedMs: 50,
  refusedMaxMs: 400,
  uploadUrlMs: 400,
  inputRetentionMs: 500,
  lastLookMs: 200,
  resultRetentionMs: 50_000,
  lendMs: 100_000,
  effectGraceMs: 30,
};

/** How far back from the current attempt a message is: 0 is the current one. */
type Age = 0 | 1 | 2;
export type Report = { idx: number; failed: boolean; age: Age | null; preview: boolean };

export type Action =
  | { kind: 'wait'; ms: number }
  | { kind: 'wake'; run: RunStatus; jump: boolean }
  | { kind: 'create' }
  | { kind: 'renewUploads' }
  | { kind: 'confirmUpload'; complete: boolean }
  | { kind: 'execute'; key: string | null }
  | { kind: 'beginDispatch'; age: Age }
  | { kind: 'confirmDispatch'; age: Age; id: string | null }
  | { kind: 'refuseDispatch'; age: Age; random: number }
  | { kind: 'rejectDispatch'; age: Age }
  | { kind: 'deadLetter'; age: Age; random: number }
  | { kind: 'report'; reports: Report[] }
  | { kind: 'cancel'; key: string | null }
  | { kind: 'remove' }
  | { kind: 'lend' }
  | { kind: 'effect'; name: EffectName; works: boolean; random: number };

export type World = {
  now: number;
  job: JobState;
  /** Results that the look into R2 will find. */
  stored: Bitmap;
  account: Account;
  hold: Hold;
};

export type Step = { action: Action; before: World; after: World; events: JobEvent[]; refused: string | null };

/** A world with one job of `total` photos, its credits reserved; `lost` are the photos whose result never reaches R2. */
export function newWorld(total: number, lost: number[], fromJob: boolean): World {
  const source = fromJob ? { jobId: 'j0', indexes: Array.from({ length: total }, (_, idx) => idx) } : null;
  const command = createCommand(total, { source });
  const job = create(null, command, T0, SHORT);
  const { jobId, preset } = command;
  const held = reserve(grant(newAccount('pro'), 200), [], null, { jobId, preset, amount: total, checkAt: 0 }, T0);
  if (!job.ok || !held.ok) throw new Error('the first step was refused');
  const { account, hold } = held.value;
  const stored = of(Array.from({ length: total }, (_, idx) => idx).filter((idx) => !lost.includes(idx)));
  return { now: T0, job: job.job, stored, account, hold };
}

export function step(before: World, action: Action): Step {
  if (action.kind === 'wait') return to(before, action, { now: before.now + action.ms });
  if (action.kind === 'wake') return wake(before, action);
  if (action.kind === 'effect') return perform(before, action);
  return take(before, action, command(before, action));
}

type Command = Exclude<Action, { kind: 'wait' | 'wake' | 'effect' }>;

function command({ job, now }: World, action: Command): Decision<unknown> {
  const attempt = 'age' in action ? job.attempt - action.age : 0;
  switch (action.kind) {
    case 'create':
      return create(job, createCommand(job.photos.length, { source: job.source }), now, SHORT);
    case 'renewUploads':
      return renewUploads(job, [0], now, SHORT);
    case 'confirmUpload':
      return confirmUpload(job, action.complete ? inventoryOf(job) : new Map(), now, SHORT);
    case 'execute':
      return execute(job, executeCommand({ idempotencyKey: action.key }), now, SHORT);
    case 'beginDispatch':
      return beginDispatch(job, attempt, now, SHORT);
    case 'confirmDispatch':
      return confirmDispatch(job, attempt, action.id, now);
    case 'refuseDispatch':
      return refuseDispatch(job, attempt, 'busy', now, action.random, SHORT);
    case 'rejectDispatch':
      return rejectDispatch(job, attempt, 'no such message', now, 0.5, SHORT);
    case 'deadLetter':
      return deadLetter(job, attempt, now, action.random, SHORT);
    case 'report':
      return applyResults(job, resultsOf(job, action.reports), now, SHORT);
    case 'cancel':
      return cancel(job, action.key, now, SHORT);
    case 'remove':
      return remove(job, now);
    case 'lend':
      return lend(job, 'j2');
  }
}

export const resultsOf = (job: JobState, reports: Report[]): CallbackResult[] =>
  reports.map(({ idx, failed, age, preview }) => ({
    idx: idx % job.photos.length,
    status: failed ? 'failed' : 'done',
    attempt: age === null ? null : Math.max(1, job.attempt - age),
    preview_key: preview ? `previews/${job.userId}/${job.jobId}/${idx % job.photos.length}_thumb.jpg` : null,
  }));

/** The alarm: with `jump`, at the time for which it is set. */
function wake(before: World, action: Extract<Action, { kind: 'wake' }>): Step {
  const { job } = before;
  const alarm = nextAlarm(job, before.now, SHORT);
  const now = action.jump && alarm !== null ? Math.max(before.now, alarm) : before.now;
  const due = timeout(job, now, SHORT);
  const here = { ...before, now };
  if (due.kind === 'none') return to(before, action, { now, job: withCleanUp(job, now) });
  if (due.kind === 'decided') return take(before, action, due.decision, here);
  const events: JobEvent[] = [];
  let current = job;
  for (const { attempt } of due.runs) {
    const heard = hear(current, attempt, { status: action.run }, now, SHORT);
    if (!heard.ok) throw new Error('what the provider says was refused');
    events.push(...heard.events);
    current = heard.job;
  }
  return take(before, action, decided(current, null, events), here);
}

/** What the alarm does when objects are to be deleted. */
function withCleanUp(job: JobState, now: number): JobState {
  const time = cleanUpAt(job, SHORT);
  if (time === null || time > now) return job;
  return { ...job, effects: { ...job.effects, cleanUp: { tries: 0, due: now } } };
}

/** Tries an effect if the job owes it; one that fails late, when nothing is owed any more, is told to the job as well. */
function perform(before: World, action: Extract<Action, { kind: 'effect' }>): Step {
  const { job, now, stored } = before;
  const { name } = action;
  const { settle: money, verify: look, flush } = job.effects;
  const works = action.works && !(name === 'cleanUp' && (money || look || flush));
  if (!works) return take(before, action, effectFailed(job, name, now, action.random));
  if (!owedEffects(job).some((owed) => owed.name === name)) return to(before, action, {});
  if (name === 'verify') return take(before, action, verified(job, seen(job.done & stored), now, SHORT));
  if (name === 'settle') return settleEffect(before, action);
  if (name === 'cleanUp') return take(before, action, cleanedUp(job, job));
  return take(before, action, effectDone(job, name));
}

function settleEffect(before: World, action: Action): Step {
  const { job, now, account, hold } = before;
  const { charged, status } = job;
  if (charged === null || (status !== 'done' && status !== 'failed' && status !== 'canceled')) {
    throw new Error('owes settling without a charge or an end');
  }
  const outcome = { status, done: charged, failed: job.photos.length - charged };
  const paid = settle(account, hold, { jobId: job.jobId, charged, outcome }, now);
  if (!paid.ok) throw new Error(`settling was refused: ${paid.refusal.code}`);
  const { granted, spent, version } = paid.value.account;
  const decision = settled(job, granted - spent, version, now, SHORT);
  return take(before, action, decision, { ...before, account: paid.value.account, hold: paid.value.hold });
}

function take(before: World, action: Action, decision: Decision<unknown>, here: World = before): Step {
  if (!decision.ok) return { action, before, after: here, events: [], refused: decision.refusal.code };
  // As the shell does with every decision.
  const job = plan(decision.job, here.now, SHORT);
  return { action, before, after: { ...here, job }, events: decision.events, refused: null };
}

const to = (before: World, action: Action, changes: Partial<World>): Step =>
  take(before, action, decided(changes.job ?? before.job, null), { ...before, ...changes });

/** What the job's log alone says of its photos. */
export function foldLog(events: JobEvent[]): { done: Bitmap; failed: Bitmap } {
  let done = EMPTY;
  let failed = EMPTY;
  for (const { idx, status } of events.flatMap(({ type, items }) => (type === 'late' ? [] : items))) {
    if (status === 'done') done |= of([idx]);
    else {
      if (has(done, idx)) done &= ~of([idx]);
      failed |= of([idx]);
    }
  }
  return { done, failed };
}
