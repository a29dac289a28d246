/** What the release before reads of a job with runs, and what it leaves for this one. */
import { describe, expect, test } from 'vitest';
import { indexesOf } from '../../../src/domain/bitmap.ts';
import { asEarlier, fromEarlier, hasActed } from '../../../src/domain/job/earlier-release.ts';
import { outRuns, waitingPhotos } from '../../../src/domain/job/runs.ts';
import { claimed, created, queued, running, SETTINGS, T0 } from './states.ts';
import { always } from './walks.ts';

/** The most that the release before dispatches a job. */
const MOST_ATTEMPTS = SETTINGS.maxAttempts;

describe('the release before is told', () => {
  test.each([
    ['created', created(), { attempt: 0, dispatch: 'none' }],
    ['queued', queued(), { attempt: 1, dispatch: 'none', leaseUntil: T0 + SETTINGS.leaseMs }],
    ['claimed', claimed(3), { attempt: 1, dispatch: 'claimed', inFlight: 3 }],
    ['running', running(), { attempt: 1, dispatch: 'sent', providerId: 'run-1' }],
  ] as const)('of a job that is %s what it would have written itself', (_, job, told) => {
    expect(asEarlier(job)).toMatchObject(told);
  });

  test('of no more attempts than it makes, however many runs there were, so that it goes on with what is open', () => {
    always(({ after: { job } }) => {
      const { attempt } = asEarlier(job);
      expect(attempt === 0).toBe(job.attempt === 0);
      expect(attempt).toBeLessThanOrEqual(MOST_ATTEMPTS);
    });
  });
});

describe('what the release before leaves', () => {
  test('is one run of all that is open, with its lease, its name at the provider and the tries that it took', () => {
    const job = { ...queued(30), runs: [], attempt: 0 };
    const earlier = { ...asEarlier(running(30)), attempt: 2, leaseUntil: T0 + 5, providerId: 'run-old' };
    const now = fromEarlier(job, earlier);
    expect(outRuns(now)).toMatchObject([{ attempt: 2, stage: 'sent', leaseUntil: T0 + 5, providerId: 'run-old' }]);
    expect(waitingPhotos(now)).toBe(0n);
    expect(now.tries.map((photos) => indexesOf(photos).length)).toEqual([30]);
    expect(now.attempt).toBe(2);
  });

  test('takes its own tries from all photos, and no more than those', () => {
    const poisoned = { ...running(4), tries: [0b1n, 0b1n] };
    const told = asEarlier(poisoned);
    expect(told.attempt).toBe(1);
    expect(fromEarlier(poisoned, { ...told, providerId: 'other' }, told).tries).toEqual([0b1n, 0b1n]);
    expect(fromEarlier(poisoned, { ...told, attempt: 2 }, told).tries).toEqual([0b1111n, 0b1n, 0b1n]);
  });

  test('is told from what this release wrote by its attempt, its dispatch and its run', () => {
    const told = asEarlier(running());
    expect(hasActed(told, { ...told, leaseUntil: 0, inFlight: 9 })).toBe(false);
    for (const changed of [{ attempt: 2 }, { dispatch: 'none' as const }, { providerId: 'other' }]) {
      expect(hasActed(told, { ...told, ...changed })).toBe(true);
    }
  });

  test('never takes the number of a run that there was: the next one has the next', () => {
    const job = { ...running(30), attempt: 7 };
    expect(fromEarlier(job, { ...asEarlier(job), attempt: 2 }).attempt).toBe(7);
  });
});
