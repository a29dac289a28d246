/** When a job wakes next, in which order it tries what it owes, and when its objects go. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settled } from '../../../src/domain/job/ending.ts';
import { cleanedUp, remove } from '../../../src/domain/job/removal.ts';
import type { JobState } from '../../../src/domain/job/state.ts';
import {
  cleanUpAt,
  dueEffects,
  effectDone,
  effectFailed,
  nextAlarm,
  owedEffects,
} from '../../../src/domain/job/timing.ts';
import {
  after,
  canceled,
  created,
  done,
  doneResult,
  failed,
  HOUR,
  queued,
  report,
  running,
  runOf,
  SETTINGS,
  T0,
  uploaded,
} from './states.ts';

const DAY = 24 * HOUR;
const alarm = (job: JobState, now = T0) => nextAlarm(job, now, SETTINGS);
const paidAndWritten = (job: JobState) => after(effectDone(after(settled(job, 0, 1, T0, SETTINGS)), 'flush'));

describe('the next alarm', () => {
  test('of a job that waits for its user is its deadline', () => {
    expect(alarm(created())).toBe(T0 + HOUR);
    expect(alarm(uploaded())).toBe(T0 + DAY);
  });

  test('of a queued job is the grace of its message, then the lease', () => {
    expect(alarm(queued())).toBe(T0 + SETTINGS.effectGraceMs);
    expect(alarm(after(effectDone(queued(), 'send')))).toBe(T0 + SETTINGS.leaseMs);
  });

  test('of a running job is when its provider is asked, its lease, or the deadline, whatever comes first', () => {
    const job = running();
    expect(alarm(job)).toBe(T0 + SETTINGS.askMs);
    const mute = { ...job, runs: [{ ...runOf(job), mute: true }] };
    expect(alarm(mute)).toBe(T0 + SETTINGS.leaseMs);
    expect(alarm({ ...mute, deadline: T0 + 5 })).toBe(T0 + 5);
  });

  test('of a job that only waits for the look into R2 is a grace from now: no lease and no deadline count any more', () => {
    const closing = after(report(running(1), [doneResult(0)]));
    const later = closing.deadline + DAY;
    expect(alarm(closing, later)).toBe(later + SETTINGS.effectGraceMs);
  });

  test('of an ended job is what it owes, then its first clean-up if something is to be tidied, then its last', () => {
    const job = done();
    expect(alarm(job)).toBe(T0 + SETTINGS.effectGraceMs);
    expect(alarm(paidAndWritten(job))).toBe(T0 + SETTINGS.resultRetentionMs);
    const untidy = paidAndWritten(failed());
    expect(alarm(untidy)).toBe(untidy.putsExpireAt + 1 + SETTINGS.lastLookMs);
    expect(alarm(cleanedUp(untidy, untidy).job)).toBe(T0 + SETTINGS.resultRetentionMs);
  });

  test('gives what is due already the usual grace, so that whoever tries it now is not overtaken', () => {
    const late = queued().effects.send?.due ?? 0;
    expect(alarm(queued(), late)).toBe(late + SETTINGS.effectGraceMs);
  });
});

describe('what is owed', () => {
  const effects = { cleanUp: 0, flush: 0, cancelRuns: 0, send: 0, settle: 0, verify: 0 };
  const pending = { tries: 0, due: T0 };
  const owing: JobState = {
    ...done(),
    effects: {
      cleanUp: pending,
      flush: { ...pending, credits: 0, version: 1 },
      cancelRuns: { ...pending, providerIds: [] },
      send: pending,
      settle: pending,
      verify: pending,
    },
  };

  test('is tried in an order that puts money first and deleting last', () => {
    const order = owedEffects(owing).map(({ name }) => name);
    expect(order.toSorted()).toEqual(Object.keys(effects).toSorted());
    expect(order.slice(0, 2)).toEqual(['verify', 'settle']);
    expect(order.at(-1)).toBe('cleanUp');
  });

  test('is due from its time on', () => {
    expect(dueEffects(owing, T0 - 1)).toEqual([]);
    expect(dueEffects(owing, T0)).toHaveLength(6);
  });

  test('waits longer after each failure, keeps its payload, and is never given up', () => {
    const paid = after(settled(done(), 98, 7, T0, SETTINGS));
    let job = paid;
    let last = 0;
    for (let tries = 1; tries <= 50; tries++) {
      job = after(effectFailed(job, 'flush', T0, 0.999));
      expect(job.effects.flush).toMatchObject({ tries, credits: 98, version: 7 });
      const due = job.effects.flush?.due ?? 0;
      expect(due).toBeGreaterThanOrEqual(last);
      last = due;
    }
    expect(last).toBeGreaterThan(T0 + 59 * 60_000);
    expect(last).toBeLessThanOrEqual(T0 + 60 * 60_000);
  });

  test('fails in the future: whatever the jitter, a failed effect is not due at once', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const job = after(effectFailed(done(), 'settle', T0, random));
        expect(dueEffects(job, T0)).toEqual([]);
        expect(alarm(job)).toBeGreaterThan(T0);
      }),
    );
  });

  test('stays done: a failure that is told late does not bring it back', () => {
    const paid = paidAndWritten(done());
    expect(after(effectFailed(paid, 'settle', T0, 0.5))).toBe(paid);
    expect(after(effectFailed(running(), 'verify', T0, 0.5)).effects.verify).toBeUndefined();
  });
});

describe('the day of deletion', () => {
  test('is unknown while the job lives, or its money or history is not in order', () => {
    for (const job of [created(), running(), done(), after(settled(done(), 0, 1, T0, SETTINGS))]) {
      expect(cleanUpAt(job, SETTINGS)).toBeNull();
    }
  });

  test('is 30 days after the end of a job that was executed, for its inputs as well', () => {
    expect(cleanUpAt(paidAndWritten(done()), SETTINGS)).toBe(T0 + 30 * DAY);
    const off = paidAndWritten(canceled(queued()));
    expect(cleanUpAt(cleanedUp(off, off).job, SETTINGS)).toBe(T0 + 30 * DAY);
  });

  test('is within the hour for a job that never was: its URLs have ended by then, and what began in time has arrived', () => {
    for (const job of [canceled(created()), canceled(uploaded())]) {
      const at = cleanUpAt(paidAndWritten(job), SETTINGS) ?? 0;
      expect(at).toBe(job.putsExpireAt + 1 + SETTINGS.lastLookMs);
      expect(at).toBeLessThan(T0 + HOUR);
    }
  });

  test('waits for jobs that need the inputs', () => {
    const job = { ...paidAndWritten(done()), dependents: ['a'], inputsUntil: T0 + 40 * DAY };
    expect(cleanUpAt(job, SETTINGS)).toBe(T0 + 40 * DAY);
    expect(cleanUpAt({ ...job, inputsUntil: 0 }, SETTINGS)).toBe(T0 + 30 * DAY);
  });

  test('of a deleted job waits for the last signed PUT to expire: one outlives its job', () => {
    const job = after(remove(paidAndWritten(done()), T0 + 1));
    const cleaned = after(effectDone(job, 'cleanUp'));
    expect(cleaned.putsExpireAt).toBeGreaterThan(T0 + 1);
    expect(cleanUpAt(cleaned, SETTINGS)).toBe(cleaned.putsExpireAt + 1 + SETTINGS.lastLookMs);
    const late = after(effectDone(after(remove(paidAndWritten(done()), T0 + 2 * DAY)), 'cleanUp'));
    expect(cleanUpAt(late, SETTINGS)).toBe(T0 + 2 * DAY);
  });

  test('of inputs that nothing will be made of can be sooner, and a last look still follows', () => {
    const short = { ...SETTINGS, inputRetentionMs: 0 };
    const job = paidAndWritten(canceled(created()));
    expect(cleanUpAt(job, short)).toBe(T0);
    expect(cleanUpAt(cleanedUp(job, job).job, short)).toBe(T0 + SETTINGS.uploadUrlMs + 1 + SETTINGS.lastLookMs);
  });
});
