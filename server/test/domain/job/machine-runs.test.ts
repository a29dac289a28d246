/** What holds of a job's runs after every step of any walk, with a moving clock (machine.test.ts: what holds of the job). */
import { describe, expect, test } from 'vitest';
import { count } from '../../../src/domain/bitmap.ts';
import { hasBegun, openOf, outRuns, unsentRun, waitingPhotos } from '../../../src/domain/job/runs.ts';
import { isAtWork, isClosing, openItems } from '../../../src/domain/job/state.ts';
import { resultsOf, SHORT, type Step } from './model.ts';
import { always } from './walks.ts';

const reportsOnlyOld = ({ action, before }: Step): boolean =>
  action.kind === 'report' &&
  resultsOf(before.job, action.reports).every(
    ({ attempt }) => !outRuns(before.job).some((run) => run.attempt === attempt && run.stage !== 'none'),
  );

describe('after every step of any walk', () => {
  test('the number of a run is used once: a new one has the next, and none comes back that was over', () => {
    always(({ before, after }) => {
      expect(after.job.attempt - before.job.attempt).toBeOneOf([0, 1]);
      const known = new Set(before.job.runs.map(({ attempt }) => attempt));
      for (const { attempt } of after.job.runs) {
        if (!known.has(attempt)) expect(attempt).toBe(before.job.attempt + 1);
        expect(attempt).toBeLessThanOrEqual(after.job.attempt);
      }
    });
  });

  test('an open photo is in one run, or waits for the next: that goes out when the last has begun, or when a place is free', () => {
    always(({ after: { job } }) => {
      if (!isAtWork(job) || isClosing(job)) return;
      const runs = outRuns(job);
      expect(runs.length).toBeLessThanOrEqual(SHORT.maxRuns);
      const inRuns = runs.map((run) => openOf(job, run));
      for (const [at, photos] of inRuns.entries()) {
        for (const others of inRuns.slice(at + 1)) expect(photos & others).toBe(0n);
      }
      const notBegun = runs.filter((run) => !hasBegun(job, run));
      expect(notBegun.length).toBeLessThanOrEqual(1);
      if (waitingPhotos(job) !== 0n) expect(runs.length === SHORT.maxRuns || notBegun.length === 1).toBe(true);
    });
  });

  test('a run that nobody has taken is owed to the queue, was given to it, or is offered again', () => {
    always(({ after: { job } }) => {
      const unsent = unsentRun(job);
      if (unsent === undefined || !isAtWork(job))
        expect([job.effects.send, job.effects.offer]).toEqual([undefined, undefined]);
      else expect(job.effects.send !== undefined && job.effects.offer !== undefined).toBe(false);
    });
  });

  test('a photo dies in three runs at most, the last time alone, and a try is taken by a dead run alone', () => {
    always(({ action, before, after }) => {
      const [all, more, most = 0n] = after.job.tries;
      expect([(more ?? 0n) & ~(all ?? 0n), most & ~(more ?? 0n), most & openItems(after.job)]).toEqual([0n, 0n, 0n]);
      if (after.job.tries.join() !== before.job.tries.join()) expect(['wake', 'rejectDispatch']).toContain(action.kind);
      for (const run of after.job.runs) {
        if ((run.photos & (more ?? 0n) & openItems(after.job)) !== 0n) expect(count(run.photos)).toBe(1);
      }
    });
  });

  test('a no of the provider takes no try, and neither does a lost message or a wait in its queue', () => {
    always(({ action, before, after }) => {
      const patient = action.kind === 'refuseDispatch' || action.kind === 'deadLetter';
      const waits = action.kind === 'wake' && action.run === 'waiting' && after.now < before.job.deadline;
      const inTime = before.job.runs.every(({ stage, over }) => stage !== 'claimed' && !over);
      const askable = before.job.runs.every(
        ({ stage, providerId, mute }) => stage !== 'sent' || (providerId !== null && !mute),
      );
      if (patient || (waits && inTime && askable && after.now < before.job.deadline)) {
        expect(after.job.tries).toEqual(before.job.tries);
        expect(after.job.failed).toBe(before.job.failed);
      }
    });
  });

  test('the lease of a dispatched run ends with its signed URLs, and those end before its keys are deleted', () => {
    always(({ after: { job } }) => {
      if (!isAtWork(job)) return;
      for (const { stage, leaseUntil, urlsUntil } of outRuns(job)) {
        if (stage === 'none') continue;
        expect(leaseUntil).toBeLessThanOrEqual(urlsUntil);
        expect(urlsUntil).toBeLessThanOrEqual(job.putsExpireAt);
      }
    });
  });

  test('a report without the number of a run that is out moves no lease and sends nothing again', () => {
    always((taken) => {
      if (!reportsOnlyOld(taken)) return;
      const { before, after } = taken;
      const known = new Map(before.job.runs.map((run) => [run.attempt, run]));
      for (const run of after.job.runs) if (known.has(run.attempt)) expect(run).toEqual(known.get(run.attempt));
      if (after.job.attempt === before.job.attempt && before.job.effects.send === undefined) {
        expect(after.job.effects.send).toBeUndefined();
      }
    });
  });

  test('a lease is renewed only by an accepted photo, a dispatch, or a provider that has the run', () => {
    always(({ action, before, after, events }) => {
      for (const { attempt, leaseUntil } of after.job.runs) {
        const old = before.job.runs.find((run) => run.attempt === attempt);
        if (old === undefined || leaseUntil <= old.leaseUntil) continue;
        expect(['report', 'wake', 'beginDispatch', 'refuseDispatch', 'deadLetter']).toContain(action.kind);
        if (action.kind === 'report') expect(events).not.toEqual([]);
        if (action.kind === 'wake' && old.stage !== 'none')
          expect(['waiting', 'working', 'completed']).toContain(action.run);
      }
    });
  });

  test('a dead letter acts only on a run that nobody has taken', () => {
    always(({ action, before, after }) => {
      if (action.kind !== 'deadLetter' || after.job === before.job) return;
      expect(unsentRun(before.job)?.attempt).toBe(before.job.attempt - action.age);
      expect(isAtWork(before.job) && !isClosing(before.job)).toBe(true);
    });
  });
});
