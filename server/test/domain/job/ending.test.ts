/** How jobs end other than by their last result: cancel, deadlines, removal; and what they cost then. */
import { describe, expect, test } from 'vitest';
import { lend } from '../../../src/domain/job/create.ts';
import { beginDispatch } from '../../../src/domain/job/dispatch.ts';
import { cancel, finishOpen, settled, verified } from '../../../src/domain/job/ending.ts';
import { cleanedUp, giveBack, giveUpInputs, needsInputsUntil, remove } from '../../../src/domain/job/removal.ts';
import type { JobState } from '../../../src/domain/job/state.ts';
import { effectDone, effectFailed, timeout } from '../../../src/domain/job/timing.ts';
import {
  after,
  canceled,
  claimed,
  created,
  done,
  doneResult,
  failed,
  failedResult,
  HOUR,
  queued,
  refusalOf,
  report,
  running,
  runOf,
  SETTINGS,
  seen,
  T0,
  taken,
  uploaded,
  verifiedWith,
} from './states.ts';

function atDeadline(job: JobState) {
  const due = timeout(job, job.deadline, SETTINGS);
  if (due.kind !== 'decided') throw new Error(`the deadline decided nothing: ${due.kind}`);
  return due.decision;
}

describe('cancel', () => {
  test.each([
    ['created', created()],
    ['uploaded', uploaded()],
    ['queued', queued()],
    ['dispatched', claimed()],
    ['running', running()],
  ])('of a %s job without results ends it at once and gives everything back', (_, job) => {
    const { job: ended, events } = taken(cancel(job, null, T0, SETTINGS));
    expect(ended).toMatchObject({ status: 'canceled', charged: 0, endedAt: T0, error: null });
    expect(ended.effects).toMatchObject({ settle: { tries: 0 } });
    expect(Object.keys(ended.effects).filter((name) => name !== 'cancelRuns')).toEqual(['settle']);
    expect(events).toEqual([{ type: 'canceled', items: [], error: null }]);
  });

  test('keeps done photos, and charges those whose result is really there', () => {
    const part = after(report(running(4), [doneResult(0), doneResult(1), failedResult(2)]));
    const ended = canceled(part);
    expect(ended).toMatchObject({ status: 'canceled', charged: null });
    expect(ended.effects.settle).toBeUndefined();
    const paid = verifiedWith(ended, [1]);
    expect(paid).toMatchObject({ status: 'canceled', charged: 1, done: 0b10n, failed: 0b101n });
    // Whether or not the look finds R2 at once, the slot can be told free; settling frees it as well.
    expect(ended.effects.freeSlot).toEqual({ tries: 0, due: T0 + SETTINGS.effectGraceMs });
    expect(paid.effects.freeSlot).toBeUndefined();
    // A look that took long finds it charged.
    expect(verifiedWith(paid, [], T0 + 1)).toBe(paid);
  });

  test('of a job whose photos are all settled wins over its completion, and charges the same', () => {
    const closing = after(report(running(2), [doneResult(0), doneResult(1)]));
    expect(verifiedWith(canceled(closing), [0, 1])).toMatchObject({ status: 'canceled', charged: 2 });
  });

  // Regression: a look into R2 that had failed before stayed owed for ever, and with it the alarm, and nothing was deleted.
  test('of a job whose photos all failed leaves no look into R2 owed', () => {
    const closing = after(report(running(1), [failedResult(0)]));
    const retried = after(effectFailed(closing, 'verify', T0, 0.5));
    expect(canceled(retried).effects.verify).toBeUndefined();
  });

  test('cancels the run at the provider', () => {
    expect(canceled(running()).effects.cancelRuns).toMatchObject({ providerIds: ['run-1'] });
  });

  test('twice is ALREADY_CANCELED, and with the same key changes nothing', () => {
    const ended = canceled(running(), 'cancel-key-1');
    expect(after(cancel(ended, 'cancel-key-1', T0 + 1, SETTINGS))).toBe(ended);
    expect(refusalOf(cancel(ended, 'cancel-key-2', T0, SETTINGS)).code).toBe('ALREADY_CANCELED');
    expect(refusalOf(cancel(ended, null, T0, SETTINGS)).code).toBe('ALREADY_CANCELED');
  });

  test('twice without a key is ALREADY_CANCELED: no key is not the same key', () => {
    expect(refusalOf(cancel(canceled(running()), null, T0, SETTINGS)).code).toBe('ALREADY_CANCELED');
  });

  test.each([
    ['done', done()],
    ['failed', failed()],
  ])('after the job is %s is INVALID_TRANSITION', (status, job) => {
    const refusal = refusalOf(cancel(job, 'cancel-key-1', T0, SETTINGS));
    expect(refusal).toMatchObject({ code: 'INVALID_TRANSITION', details: { status, action: 'cancel' } });
  });
});

describe('a deadline', () => {
  test('that has not come decides nothing', () => {
    for (const job of [created(), uploaded(), queued()]) {
      const now = Math.min(job.deadline, job.runs[0]?.leaseUntil ?? job.deadline) - 1;
      expect(timeout(job, now, SETTINGS)).toEqual({ kind: 'none' });
    }
  });

  test('of uploads cancels the job as expired, and gives everything back', () => {
    expect(atDeadline(created()).job).toMatchObject({ status: 'canceled', error: 'upload expired', charged: 0 });
    expect(created().deadline).toBe(T0 + 60 * 60_000);
  });

  test('of an uploaded job cancels it after a day', () => {
    const { job, events } = atDeadline(uploaded());
    expect(job).toMatchObject({ status: 'canceled', error: 'not executed in time', charged: 0 });
    expect(events).toEqual([{ type: 'canceled', items: [], error: 'not executed in time' }]);
    expect(uploaded().deadline).toBe(T0 + 86_400_000);
  });

  test('of a running job fails what is open, cancels the run, and charges what is done', () => {
    const part = after(report(running(2), [doneResult(0)]));
    const { job } = atDeadline(part);
    expect(job.effects.cancelRuns).toMatchObject({ providerIds: ['run-1'] });
    expect(verifiedWith(job, [0])).toMatchObject({ status: 'done', charged: 1, error: 'not processed in time' });
  });

  test('wins over the lease that ends with it: no new run begins', () => {
    const job = queued();
    expect(atDeadline(job).job).toMatchObject({ attempt: 1, failed: 0b11n });
  });

  test('means nothing once the job has ended', () => {
    expect(timeout(done(), T0 * 2, SETTINGS)).toEqual({ kind: 'none' });
    expect(timeout(canceled(created()), T0 * 2, SETTINGS)).toEqual({ kind: 'none' });
  });

  test('a run of which nothing was heard is looked after, and none before its time', () => {
    const job = running();
    const run = runOf(job);
    expect(timeout(job, T0 + SETTINGS.askMs, SETTINGS)).toEqual({ kind: 'runs', runs: [run] });
    expect(timeout(job, T0 + SETTINGS.askMs - 1, SETTINGS)).toEqual({ kind: 'none' });
  });
});

test('a reason for what is left open is cut where a character ends, in the job and in each photo', () => {
  const { job, events } = finishOpen(running(1), `${'x'.repeat(499)}😀`);
  expect(job.error).toBe('x'.repeat(499));
  expect(events[0]?.items[0]?.error).toBe('x'.repeat(499));
});

describe('after the end', () => {
  test('settling comes before history, which carries the ledger as it then stood', () => {
    const paid = after(settled(done(), 98, 7, T0, SETTINGS));
    expect(paid.effects.settle).toBeUndefined();
    expect(paid.effects.flush).toMatchObject({ credits: 98, version: 7 });
    expect(after(effectDone(paid, 'flush')).effects).toEqual({});
  });

  test('a job that closed before cannot be dispatched, executed into or charged again', () => {
    const ended = done();
    expect(taken(beginDispatch(ended, 1, T0, SETTINGS)).reply).toMatchObject({ go: false });
    expect(after(verified(ended, seen(0n), T0, SETTINGS))).toBe(ended);
  });

  test.each([
    ['created', created()],
    ['uploaded', uploaded()],
    ['queued', queued()],
    ['running', running()],
  ])('only then can a job be deleted: not while it is %s', (status, job) => {
    expect(refusalOf(remove(job, T0))).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status, action: 'delete' },
    });
  });

  test('a deleted job owes its clean-up at once', () => {
    const job = after(remove(done(), T0 + 5));
    expect(job).toMatchObject({ deletedAt: T0 + 5, effects: { cleanUp: { tries: 0, due: T0 + 5 } } });
  });

  const asked = (answers: Record<string, number | null>) => new Map(Object.entries(answers));

  test('inputs are given up when all jobs made from them were asked, and no job is made from them after that', () => {
    const lent = { ...done(), dependents: ['a', 'b'] };
    expect(taken(giveUpInputs(lent, asked({ a: null }), T0))).toMatchObject({ reply: 'not asked', job: lent });
    const given = taken(giveUpInputs(lent, asked({ b: null, a: null, c: null }), T0));
    expect(given).toMatchObject({ reply: 'given up', job: { inputsGone: true } });
    expect(refusalOf(lend(given.job, 'd')).code).toBe('INVALID_TRANSITION');
    expect(giveUpInputs(given.job, asked({ a: null, b: null }), T0).job).toBe(given.job);
  });

  test('inputs that are needed stay until the last of the times that were told, and only those who need them are asked again', () => {
    const lent = { ...done(), dependents: ['a', 'b', 'c'] };
    const kept = taken(giveUpInputs(lent, asked({ a: T0 + 5 * HOUR, b: null, c: T0 + 9 * HOUR }), T0));
    expect(kept).toMatchObject({ reply: 'needed', job: { dependents: ['a', 'c'], inputsUntil: T0 + 9 * HOUR } });
    // Whoever is late with its own clean-up does not have this one spin.
    expect(giveUpInputs(lent, asked({ a: T0 - 1, b: null, c: null }), T0).job.inputsUntil).toBe(T0 + HOUR);
  });

  test('the last job that gives inputs back has nobody waited for, and one that never had them changes nothing', () => {
    const kept = { ...done(), dependents: ['a', 'b'], inputsUntil: T0 + HOUR };
    expect(giveBack(kept, 'x').job).toBe(kept);
    const first = giveBack(kept, 'b').job;
    expect(first).toMatchObject({ dependents: ['a'], inputsUntil: T0 + HOUR });
    expect(giveBack(first, 'a').job).toMatchObject({ dependents: [], inputsUntil: 0 });
  });

  test('a job needs the photos that it was made from while it lives, and as long as its results are kept', () => {
    const needs = (job: JobState, now = T0) => needsInputsUntil(job, now, SETTINGS);
    for (const job of [uploaded(), queued(), running()]) expect(needs(job)).toBe(job.deadline);
    const kept = T0 + SETTINGS.resultRetentionMs;
    expect([needs(done()), needs(failed()), needs(done(), kept - 1), needs(done(), kept)]).toEqual([
      kept,
      kept,
      kept,
      null,
    ]);
    expect(needs(canceled(queued()))).toBe(kept);
    expect([needs(canceled(uploaded())), needs(after(remove(done(), T0)))]).toEqual([null, null]);
  });

  test('a clean-up that is over takes its debt along, but for that of a deletion that came meanwhile', () => {
    const cleaning = { ...done(), effects: { cleanUp: { tries: 2, due: T0 } } };
    expect(cleanedUp(cleaning, cleaning).job).toMatchObject({ tidied: true, inputsGone: false, effects: {} });
    const deleted = after(remove(cleaning, T0 + 1));
    expect(cleanedUp(deleted, cleaning).job.effects).toEqual(deleted.effects);
  });
});
