/** Attempts, leases, dead letters, and runs at the provider that nobody waits for any more. */
import { describe, expect, test } from 'vitest';
import { indexesOf } from '../../../src/domain/bitmap.ts';
import {
  beginDispatch,
  confirmDispatch,
  deadLetter,
  endLease,
  type RunStatus,
  refuseDispatch,
} from '../../../src/domain/job/dispatch.ts';
import { verified } from '../../../src/domain/job/ending.ts';
import { isClosing, type JobState, sentPhotos, unansweredPhotos } from '../../../src/domain/job/state.ts';
import { timeout } from '../../../src/domain/job/timing.ts';
import {
  after,
  canceled,
  claimed,
  doneResult,
  MINUTE,
  queued,
  report,
  running,
  SETTINGS,
  seen,
  T0,
  taken,
  uploaded,
} from './states.ts';

const runsToCancel = (job: JobState) => job.effects.cancelRuns?.providerIds ?? [];
const leaseOver = (job: JobState, run: RunStatus) => after(endLease(job, run, job.leaseUntil, SETTINGS));

/** The last attempt, running as `run-3`, with photo 0 done. */
function lastAttempt(): JobState {
  let job = after(report(running(3), [doneResult(0)]));
  for (const attempt of [2, 3]) {
    job = leaseOver(job, 'over');
    job = after(beginDispatch(job, attempt, job.leaseUntil - 1, SETTINGS));
    job = after(confirmDispatch(job, attempt, `run-${attempt}`, job.leaseUntil - 1));
  }
  return job;
}

describe('a consumer that takes a message', () => {
  test('gets the open photos and a deadline that grows with them', () => {
    const part = after(report(queued(3), [doneResult(1)]));
    const { reply } = taken(beginDispatch(part, 1, T0, SETTINGS));
    const attemptDeadline = T0 + SETTINGS.leaseMs + 2 * SETTINGS.attemptPerPhotoMs;
    expect(reply).toEqual({ go: true, open: [0, 2], attemptDeadline });
  });

  test('is told so when the same message was taken before: one dispatch an attempt', () => {
    const second = taken(beginDispatch(claimed(), 1, T0, SETTINGS));
    expect(second.reply).toEqual({ go: false, reason: 'already dispatched' });
    expect(second.job).toEqual(claimed());
  });

  test('is told so when its message is of an attempt that is over', () => {
    const job = leaseOver(running(), 'over');
    expect(taken(beginDispatch(job, 1, T0, SETTINGS)).reply).toEqual({ go: false, reason: 'stale attempt' });
    expect(taken(beginDispatch(job, 2, T0, SETTINGS)).reply).toMatchObject({ go: true });
  });

  test.each([
    ['uploaded', uploaded()],
    ['canceled', canceled(queued())],
    ['waiting only for the look into R2', after(report(queued(1), [doneResult(0)]))],
  ])('is told so when the job is %s', (_, job) => {
    expect(taken(beginDispatch(job, job.attempt, T0, SETTINGS)).reply).toEqual({
      go: false,
      reason: 'job is not waiting',
    });
  });

  test('has seen the message arrive, so that nothing is sent again for it', () => {
    expect(queued().effects.send).toBeDefined();
    expect(claimed().effects.send).toBeUndefined();
  });
});

describe('what the provider answered', () => {
  test('taken: the job is running and its run is known', () => {
    expect(running()).toMatchObject({ status: 'running', dispatch: 'sent', providerId: 'run-1' });
  });

  test('a definite refusal gives the lease back, and the queue may bring the same attempt again', () => {
    const later = T0 + MINUTE;
    const job = after(refuseDispatch(claimed(), 1, later, SETTINGS));
    expect(job).toMatchObject({ status: 'queued', dispatch: 'none', attempt: 1, leaseUntil: later + SETTINGS.leaseMs });
    expect(taken(beginDispatch(job, 1, later, SETTINGS)).reply).toMatchObject({ go: true });
  });

  test.each([
    ['comes after the provider took it', running(), 1],
    ['is of an attempt that is over', after(beginDispatch(leaseOver(running(), 'over'), 2, T0, SETTINGS)), 1],
  ])('a refusal that %s changes nothing', (_, job, attempt) => {
    expect(after(refuseDispatch(job, attempt, T0, SETTINGS))).toBe(job);
  });

  test('a refusal that comes after the end: what was counted as sent is taken back, and the user is told, once', () => {
    const ended = canceled(claimed());
    expect([sentPhotos(ended), unansweredPhotos(ended)]).toEqual([ended.photos.length, ended.photos.length]);
    const job = after(refuseDispatch(ended, 1, T0, SETTINGS));
    expect(job.effects).toEqual({ ...ended.effects, unsent: { tries: 0, due: T0 } });
    expect([sentPhotos(job), unansweredPhotos(job)]).toEqual([0, 0]);
    expect(after(refuseDispatch(job, 1, T0, SETTINGS))).toBe(job);
  });
});

describe('a run that arrives when nobody waits for it is canceled', () => {
  test.each([
    ['for an ended job', canceled(claimed())],
    ['for an attempt that is over', leaseOver(claimed(), 'unknown')],
    ['after the queue gave the attempt back', after(refuseDispatch(claimed(), 1, T0, SETTINGS))],
  ])('%s', (_, job) => {
    const late = after(confirmDispatch(job, 1, 'run-late', T0));
    expect(runsToCancel(late)).toEqual(['run-late']);
    expect({ ...late, effects: {} }).toEqual({ ...job, effects: {} });
  });

  // Regression: the run went on at the provider until its own time limit, because the job had not ended yet.
  test('after the deadline failed every photo, while the look into R2 is still to come', () => {
    const job = claimed();
    const due = timeout({ ...job, leaseUntil: job.deadline + 1 }, job.deadline, SETTINGS);
    if (due.kind !== 'decided') throw new Error('the deadline decided nothing');
    const late = after(confirmDispatch(due.decision.job, 1, 'run-late', job.deadline));
    expect(runsToCancel(after(verified(late, seen(0n), job.deadline, SETTINGS)))).toEqual(['run-late']);
  });

  test('two such runs are both canceled, and the same one once', () => {
    let job = canceled(claimed());
    for (const id of ['run-a', 'run-b', 'run-a']) job = after(confirmDispatch(job, 1, id, T0));
    expect(runsToCancel(job)).toEqual(['run-a', 'run-b']);
  });

  test('a provider that has no ids leaves nothing to cancel', () => {
    const job = canceled(claimed());
    expect(after(confirmDispatch(job, 1, null, T0))).toBe(job);
  });
});

describe('a lease that ends', () => {
  test('changes nothing when a photo renewed it while the provider was asked', () => {
    const job = running();
    expect(after(endLease(job, 'over', job.leaseUntil - 1, SETTINGS))).toBe(job);
  });

  test('sends a message that never reached its consumer again, as the same attempt', () => {
    const job = leaseOver(queued(), 'unknown');
    expect(job).toMatchObject({ status: 'queued', attempt: 1, dispatch: 'none' });
    expect(job.effects.send).toEqual({ tries: 0, due: T0 + SETTINGS.leaseMs + SETTINGS.effectGraceMs });
    expect(job.leaseUntil).toBe(T0 + 2 * SETTINGS.leaseMs);
  });

  test('sends it again as often as it takes: lost messages use up no attempt', () => {
    let job = queued();
    for (let lost = 0; lost < 10; lost++) job = leaseOver(job, 'unknown');
    expect(job).toMatchObject({ attempt: 1, failed: 0n });
  });

  test('is extended while the provider says that the run is queued or running', () => {
    const job = running(30);
    const now = job.leaseUntil;
    const extended = after(endLease(job, 'active', now, SETTINGS));
    expect(extended).toEqual({ ...job, leaseUntil: now + SETTINGS.leaseMs });
  });

  test('is extended only as far as the signed URLs live; then the run is canceled and a new attempt begins', () => {
    const job = running(1);
    const once = leaseOver(job, 'active');
    expect(once.leaseUntil).toBe(job.attemptDeadline);
    const twice = leaseOver(once, 'active');
    expect(twice).toMatchObject({ attempt: 2, dispatch: 'none', providerId: null });
    expect(runsToCancel(twice)).toEqual(['run-1']);
  });

  test('dispatches what is open again when the run is over, and need not cancel it', () => {
    const job = leaseOver(after(report(running(3), [doneResult(1)])), 'over');
    expect(job).toMatchObject({ status: 'running', attempt: 2, dispatch: 'none', providerId: null });
    expect(runsToCancel(job)).toEqual([]);
    expect(taken(beginDispatch(job, 2, job.leaseUntil, SETTINGS)).reply).toMatchObject({ open: [0, 2] });
  });

  test('cancels a run of which nothing is known before it dispatches again', () => {
    expect(runsToCancel(leaseOver(running(), 'unknown'))).toEqual(['run-1']);
  });

  test('counts a consumer that died after taking the message as an attempt', () => {
    expect(leaseOver(claimed(), 'unknown')).toMatchObject({ attempt: 2, dispatch: 'none' });
  });

  test('after the last attempt fails what is open, and what is done is charged: the rest goes back', () => {
    const job = lastAttempt();
    expect(job.attempt).toBe(SETTINGS.maxAttempts);
    const closing = leaseOver(job, 'unknown');
    expect(isClosing(closing)).toBe(true);
    expect(indexesOf(closing.failed)).toEqual([1, 2]);
    expect(runsToCancel(closing)).toEqual(['run-3']);
    const ended = after(verified(closing, seen(closing.done), T0, SETTINGS));
    expect(ended).toMatchObject({ status: 'done', charged: 1, error: 'not processed within 3 attempts' });
  });

  test('after the last attempt with nothing done the job is failed and costs nothing', () => {
    const closing = leaseOver({ ...lastAttempt(), done: 0n }, 'over');
    expect(after(verified(closing, seen(0n), T0, SETTINGS))).toMatchObject({ status: 'failed', charged: 0 });
  });
});

describe('a dead letter', () => {
  test('of the current attempt that was not dispatched fails what is open, by its reason', () => {
    const part = after(report(queued(2), [doneResult(0)]));
    const { job, reply, events } = taken(deadLetter(part, 1, 'no answer'));
    expect(reply).toEqual({ failed: true });
    expect(events[0]?.items).toEqual([{ idx: 1, status: 'failed', error: 'dead letter: no answer' }]);
    expect(job).toMatchObject({ deadLetter: true, error: 'dead letter: no answer' });
    expect(job.effects.send).toBeUndefined();
  });

  test.each([
    ['of an attempt that a consumer took', claimed(), 1],
    ['of an attempt that the provider took', running(), 1],
    ['of an attempt that is over', leaseOver(running(), 'over'), 1],
    ['of an attempt still to come', queued(), 2],
    ['of an ended job', canceled(queued()), 1],
    // Regression: a job with every photo done was listed among the dead letters.
    ['of a job whose photos are all settled by now', after(report(queued(1), [doneResult(0)])), 1],
  ])('%s does nothing', (_, job, attempt) => {
    const decision = taken(deadLetter(job, attempt, 'no answer'));
    expect(decision.reply).toEqual({ failed: false });
    expect(decision.job).toBe(job);
  });
});
