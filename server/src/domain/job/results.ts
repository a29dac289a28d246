/** Results that a GPU worker reports. A photo is settled once; the first terminal result stands. */
import type { CallbackOutcome, CallbackResult } from '../../contract/callback.ts';
import { bit, EMPTY } from '../bitmap.ts';
import { outputKey, previewKey } from '../keys.ts';
import { invalid, type Refused } from '../result.ts';
import { paceAfter } from './pace.ts';
import { cancelRuns, hasBegun, outRuns, runOf, triedPhotos, withRun } from './runs.ts';
import { type Decision, decided, type ItemResult, type JobSettings, type JobState, openItems } from './state.ts';
import { verdictOf } from './transitions.ts';

/**
 * Takes a callback as a whole or refuses it as a whole: an index or key that is not the job's own refuses every item.
 * Only a result with the number of a run that is out renews its lease.
 */
export function applyResults(
  job: JobState,
  results: CallbackResult[],
  now: number,
  settings: JobSettings,
  isBatch = results.length > 1,
  webhookId: string | null = null,
): Decision<CallbackOutcome[]> {
  for (const [at, result] of results.entries()) {
    const bad = foreign(job, result, isBatch ? `items[${at}].` : '');
    if (bad !== null) return bad;
  }
  const webhook = webhookId === null ? {} : { webhook: webhookId };
  const verdict = verdictOf(job, 'report');
  if (verdict === 'answered') return decided(job, replayed(results));
  if (verdict === 'early' || verdict === 'late') return outOfTime(job, results, verdict, webhook);
  let next = job;
  const accepted: ItemResult[] = [];
  const outcomes = results.map((result): CallbackOutcome => {
    if ((openItems(next) & bit(result.idx)) === 0n) return { idx: result.idx, outcome: 'duplicate' };
    next = settleItem(next, result, now, settings);
    accepted.push(itemOf(result));
    return { idx: result.idx, outcome: 'accepted' };
  });
  if (accepted.length === 0) return decided(next, outcomes);
  const pace = paceAfter(job, openItems(job) & ~openItems(next), now);
  return decided({ ...withoutIdle(job, next, results, now), pace }, outcomes, [
    { type: 'items', items: accepted, ...webhook },
  ]);
}

/** A run that nobody has begun, and whose photos one before it has settled after all, need not begin any more. */
function withoutIdle(before: JobState, after: JobState, results: CallbackResult[], now: number): JobState {
  const own = new Set(results.map(({ attempt }) => attempt));
  const idle = outRuns(before).filter(
    (run) =>
      !own.has(run.attempt) &&
      (run.photos & triedPhotos(before, 1)) !== EMPTY &&
      !hasBegun(before, run) &&
      runOf(after, run.attempt) === undefined,
  );
  return cancelRuns(after, idle, now);
}

/**
 * What was settled before is a duplicate; the rest changes nothing. For the record, a job that has ended notes which photos they were of;
 * of a signed callback that comes before the job is at work the id alone is kept: the same signature must not count once it is.
 */
function outOfTime(
  job: JobState,
  results: CallbackResult[],
  verdict: 'early' | 'late',
  webhook: { webhook?: string },
): Decision<CallbackOutcome[]> {
  const isOpen = ({ idx }: CallbackResult) => (openItems(job) & bit(idx)) !== 0n;
  const outcomes = results.map(
    (result): CallbackOutcome => ({ idx: result.idx, outcome: isOpen(result) ? 'ignored' : 'duplicate' }),
  );
  if (verdict === 'early') {
    return decided(job, outcomes, webhook.webhook === undefined ? [] : [{ type: 'late', items: [], ...webhook }]);
  }
  const late = results.filter(isOpen).map(({ idx, status }): ItemResult => ({ idx, status: outcomeOf(status) }));
  return decided(job, outcomes, late.length > 0 ? [{ type: 'late', items: late }] : []);
}

/** The same signed callback again: whatever it says, it changes nothing. */
export const replayed = (results: CallbackResult[]): CallbackOutcome[] =>
  results.map(({ idx }) => ({ idx, outcome: 'duplicate' }));

function settleItem(job: JobState, result: CallbackResult, now: number, settings: JobSettings): JobState {
  const mine = bit(result.idx);
  const failed = result.status === 'failed';
  const settled = renewedBy(job, result, now, settings);
  return {
    ...settled,
    status: 'running',
    done: failed ? job.done : job.done | mine,
    failed: failed ? job.failed | mine : job.failed,
    previews: failed || result.preview_key == null ? job.previews : job.previews | mine,
  };
}

/** A result with the number of a run that is out is a sign of life of that run. */
function renewedBy(job: JobState, { attempt }: CallbackResult, now: number, settings: JobSettings): JobState {
  const run = attempt == null ? undefined : runOf(job, attempt);
  if (run === undefined || run.stage === 'none') return job;
  // What the provider calls complete has its last results on the way, and no more work.
  const until = now + (run.over ? settings.completeMs : settings.leaseMs);
  const leaseUntil = Math.max(run.leaseUntil, Math.min(until, run.urlsUntil));
  // It may overtake the provider's answer, and says the same.
  return withRun(job, { ...run, leaseUntil, stage: 'sent' });
}

const outcomeOf = (status: CallbackResult['status']): ItemResult['status'] => (status === 'failed' ? 'failed' : 'done');

function itemOf(result: CallbackResult): ItemResult {
  if (result.status !== 'failed') return { idx: result.idx, status: 'done' };
  return { idx: result.idx, status: 'failed', error: result.error?.trim() || 'the GPU worker gave no reason' };
}

function foreign(job: JobState, result: CallbackResult, path: string): Refused | null {
  if (result.idx >= job.photos.length) return invalid(`${path}idx`, `the job has photos 0 to ${job.photos.length - 1}`);
  if (result.output_key != null && result.output_key !== outputKey(job, result.idx)) {
    return invalid(`${path}output_key`, `is not the key of this photo, ${outputKey(job, result.idx)}`);
  }
  if (result.preview_key != null && result.preview_key !== previewKey(job, result.idx)) {
    return invalid(`${path}preview_key`, `is not the key of this photo, ${previewKey(job, result.idx)}`);
  }
  return null;
}
