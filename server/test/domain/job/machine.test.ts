/**
 * The job machine under any interleaving of users, consumers, GPU workers, alarms and effects, with a moving clock. What
 * holds after every step is here; single rules have their own files beside this one.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, count } from '../../../src/domain/bitmap.ts';
import { outRuns } from '../../../src/domain/job/runs.ts';
import { hasEnded, isAtWork, isClosing, openItems } from '../../../src/domain/job/state.ts';
import { cleanUpAt, goneAt, nextAlarm, owedEffects, timeout } from '../../../src/domain/job/timing.ts';
import { foldLog, newWorld, SHORT } from './model.ts';
import { arrows, INITIAL, TRANSITIONS } from './transitions.ts';
import { always, RUNS, rest, stepsOf, walks } from './walks.ts';

describe('after every step of any walk', () => {
  test('the state changes along an arrow of the table or not at all', () => {
    always(({ before, after }) => {
      if (before.job.status !== after.job.status) {
        expect(TRANSITIONS[before.job.status]).toContain(after.job.status);
      }
    });
  });

  test('a photo is open, done or failed, and only done ones have previews', () => {
    always(({ after: { job } }) => {
      expect(job.done & job.failed).toBe(0n);
      expect((job.done | job.failed) & ~all(job.photos.length)).toBe(0n);
      expect(job.previews & ~job.done).toBe(0n);
    });
  });

  test('a settled photo stays as it is, except that a done one fails when the look into R2 misses its result', () => {
    always(({ action, before, after }) => {
      const looked = action.kind === 'effect' && action.name === 'verify';
      const mayFail = looked ? after.job.failed & ~before.stored : 0n;
      expect(before.job.failed & ~after.job.failed).toBe(0n);
      expect(before.job.done & ~(after.job.done | mayFail)).toBe(0n);
    });
  });

  test('an ended job keeps its state, its end and its reason', () => {
    always(({ before, after }) => {
      if (!hasEnded(before.job)) return;
      expect(after.job.status).toBe(before.job.status);
      expect(after.job.endedAt).toBe(before.job.endedAt);
      expect(after.job.error).toBe(before.job.error);
    });
  });

  test('done means nothing is open and something is done; failed means nothing is done', () => {
    always(({ after: { job } }) => {
      if (job.status === 'done') expect([openItems(job), job.done === 0n]).toEqual([0n, false]);
      if (job.status === 'failed') expect([openItems(job), job.done]).toEqual([0n, 0n]);
    });
  });

  test('the charge is set once, is the number of done photos whose result lies in R2, and comes with the end', () => {
    always(({ before, after }) => {
      if (before.job.charged !== null) expect(after.job.charged).toBe(before.job.charged);
      if (after.job.charged === null) return;
      expect(hasEnded(after.job)).toBe(true);
      expect(after.job.charged).toBe(count(after.job.done & after.stored));
      expect(after.job.charged).toBe(count(after.job.done));
    });
  });

  test('an ended job is charged, or owes the look into R2 that the charge waits for', () => {
    always(({ after: { job } }) => {
      if (hasEnded(job)) expect(job.effects.verify !== undefined).toBe(job.charged === null);
    });
  });

  test('photos are waited for as long as their URLs are asked for, and only up to the most', () => {
    always(({ action, before, after }) => {
      const longer = after.job.status === 'created' && after.job.deadline > before.job.deadline;
      if (longer) expect(['create', 'renewUploads']).toContain(action.kind);
      if (longer) expect(before.now).toBeLessThan(before.job.deadline);
      if (after.job.status !== 'created') return;
      expect(after.job.deadline).toBeLessThanOrEqual(after.job.createdAt + SHORT.createdMaxMs);
    });
  });

  test('no signed PUT is forgotten: their last expiry never moves back', () => {
    always(({ before, after }) => expect(after.job.putsExpireAt).toBeGreaterThanOrEqual(before.job.putsExpireAt));
  });

  test('a message is owed only while photos are open: an empty one is never sent', () => {
    always(({ after: { job } }) => {
      if (job.effects.send !== undefined) expect(isAtWork(job) && !isClosing(job)).toBe(true);
    });
  });

  test('a run that nobody waits for any more is canceled at the provider', () => {
    always(({ action, before, after }) => {
      const ids = after.job.effects.cancelRuns?.providerIds ?? [];
      const known = new Set(after.job.runs.map(({ providerId }) => providerId));
      if (action.kind === 'confirmDispatch' && action.id !== null && !known.has(action.id)) {
        expect(ids).toContain(action.id);
      }
      const gaveUp = !hasEnded(before.job) && after.job.status === 'canceled';
      const ranOut = !isClosing(before.job) && isClosing(after.job) && action.kind === 'wake';
      if (!gaveUp && !(ranOut && after.now >= before.job.deadline)) return;
      for (const { providerId, over } of outRuns(before.job))
        if (providerId !== null && !over) expect(ids).toContain(providerId);
    });
  });

  test('a refusal changes nothing', () => {
    always(({ before, after, refused }) => {
      if (refused !== null) expect(after).toEqual(before);
    });
  });

  test('the log alone tells which photos are done and failed, and has one last word', () => {
    fc.assert(
      fc.property(walks, (walk) => {
        const log = [];
        for (const { events, after } of stepsOf(walk)) {
          log.push(...events);
          expect(foldLog(log)).toEqual({ done: after.job.done, failed: after.job.failed });
          const ends = new Set(log.flatMap(({ type }) => (type === 'items' || type === 'late' ? [] : [type])));
          expect([...ends]).toEqual(hasEnded(after.job) ? [after.job.status] : []);
        }
      }),
      RUNS,
    );
  });
});

describe('nothing is ever stuck', () => {
  test('there is always a next alarm, and never after anything that is owed or due', () => {
    always(({ after: { job, now } }) => {
      const alarm = nextAlarm(job, now, SHORT) ?? expect.unreachable(`no alarm while ${job.status}`);
      const soon = now + SHORT.effectGraceMs;
      for (const { due } of owedEffects(job)) expect(alarm).toBeLessThanOrEqual(Math.max(due, soon));
      if (!hasEnded(job) && !isClosing(job)) expect(alarm).toBeLessThanOrEqual(job.deadline);
      if (isAtWork(job) && !isClosing(job)) {
        for (const { leaseUntil } of outRuns(job)) expect(alarm).toBeLessThanOrEqual(leaseUntil);
      }
      if (hasEnded(job) && owedEffects(job).length === 0) expect(alarm).toBe(cleanUpAt(job, SHORT));
    });
  });

  test('an alarm that is due has work to do, and none that was tended to comes at once again', () => {
    always(({ action, before, after }) => {
      const alarm = nextAlarm(after.job, after.now, SHORT) ?? 0;
      if (action.kind === 'wake') expect(alarm).toBeGreaterThan(after.now);
      const { job, now } = before;
      if ((nextAlarm(job, now, SHORT) ?? 0) > now) return;
      expect(timeout(job, now, SHORT).kind !== 'none' || (cleanUpAt(job, SHORT) ?? now + 1) <= now).toBe(true);
    });
  });

  test('from anywhere, the alarm alone ends the job, settles it and writes its history, in time', () => {
    fc.assert(
      fc.property(walks, (walk) => {
        const start = stepsOf(walk).at(-1)?.after ?? newWorld(walk.total, walk.lost, walk.fromJob);
        const over = ({ job }: typeof start) =>
          hasEnded(job) && job.charged !== null && !job.effects.settle && !job.effects.flush;
        const end = rest(start, 40, over).at(-1)?.after ?? start;
        expect(over(end)).toBe(true);
        expect(end.hold.settledAt).not.toBeNull();
        expect(end.hold.charged).toBe(end.job.charged);
        const { balance, held, spent, granted } = end.account;
        expect({ held, spent, granted: balance + held + spent }).toEqual({
          held: 0,
          spent: end.job.charged,
          granted,
        });
      }),
      RUNS,
    );
  });

  test('from anywhere, the alarm alone leads to the day on which the last objects are deleted', () => {
    fc.assert(
      fc.property(walks, (walk) => {
        const start = stepsOf(walk).at(-1)?.after ?? newWorld(walk.total, walk.lost, walk.fromJob);
        const kept = ({ job, now }: typeof start) => hasEnded(job) && now >= goneAt(job, SHORT);
        const end = rest(start, 80, kept).at(-1)?.after ?? start;
        expect(kept(end)).toBe(true);
      }),
      RUNS,
    );
  });
});

test('the walks take every arrow of the table and end for every reason, so that what holds on them says something', () => {
  const seen = new Set<string>();
  const reasons = new Set<string | null>();
  const begun = new Set<string>();
  for (const walk of fc.sample(walks, { numRuns: 8_000, seed: 7 })) {
    const steps = stepsOf(walk);
    begun.add(steps[0]?.before.job.status ?? '');
    for (const { before, after } of steps) {
      if (before.job.status !== after.job.status) seen.add(`${before.job.status} → ${after.job.status}`);
      if (hasEnded(after.job)) reasons.add(after.job.error);
    }
  }
  expect([...seen].toSorted()).toEqual(arrows.toSorted());
  expect([...begun].toSorted()).toEqual([...INITIAL]);
  expect([...reasons].map(String).toSorted()).toEqual([
    'dead letter: the GPU provider did not take the job',
    'no photo could be processed',
    'no such message',
    'not executed in time',
    'not processed in time',
    'not processed within 3 attempts',
    'null',
    'upload expired',
  ]);
});
