/** Runs of which nothing is heard: when the provider is asked, and what follows from each of its answers. */
import { describe, expect, test } from 'vitest';
import { indexesOf } from '../../../src/domain/bitmap.ts';
import { beginDispatch, confirmDispatch } from '../../../src/domain/job/dispatch.ts';
import { verified } from '../../../src/domain/job/ending.ts';
import { askAt, dueRuns, hear, type RunReport } from '../../../src/domain/job/leases.ts';
import { outRuns, workMs } from '../../../src/domain/job/runs.ts';
import { isClosing, type JobState } from '../../../src/domain/job/state.ts';
import {
  after,
  claimed,
  doneResult,
  HOUR,
  MINUTE,
  planned,
  queued,
  report,
  running,
  runOf,
  SETTINGS,
  seen,
  T0,
  taken,
} from './states.ts';

const LEASE = SETTINGS.leaseMs;
const ASK = SETTINGS.askMs;
const said = (job: JobState, status: RunReport['status'], now: number) =>
  planned(hear(job, job.attempt, { status }, now, SETTINGS), now);
const runsToCancel = (job: JobState) => job.effects.cancelRuns?.providerIds ?? [];
const nextAsk = (job: JobState) => askAt(runOf(job), SETTINGS);

describe('the provider is asked', () => {
  test('half a minute after the last sign of life, then less and less often', () => {
    let job = running();
    const waits: number[] = [];
    for (let ask = 0; ask < 6; ask++) {
      const at = nextAsk(job) ?? 0;
      waits.push(at - (runOf(job).askedAt ?? 0));
      job = said(job, 'unknown', at);
    }
    expect(waits).toEqual([ASK, 2 * ASK, 4 * ASK, 8 * ASK, 8 * ASK, 8 * ASK]);
  });

  test('half a minute after a photo came, however often it was asked before', () => {
    const asked = said(said(running(3), 'unknown', T0 + ASK), 'unknown', T0 + 3 * ASK);
    const job = after(report(asked, [doneResult(0)], T0 + 4 * ASK));
    expect(nextAsk(job)).toBe(T0 + 5 * ASK);
  });

  test.each([
    ['that nobody has taken', queued()],
    ['that was not answered yet', claimed()],
    ['without a name at the provider', after(confirmDispatch(claimed(), 1, null, T0))],
  ])('about no run %s', (_, job) => {
    expect(nextAsk(job)).toBeNull();
    expect(dueRuns(job, T0 + LEASE - 1, SETTINGS)).toEqual([]);
    expect(dueRuns(job, T0 + LEASE, SETTINGS)).toHaveLength(1);
  });
});

describe('a run that waits in the queue of the provider', () => {
  test('uses up neither time nor tries, for hours', () => {
    let job = running();
    for (let now = T0 + ASK; now < T0 + 10 * HOUR; now = nextAsk(job) ?? 0) {
      job = said(job, 'waiting', now);
      expect(runOf(job)).toMatchObject({ attempt: 1, leaseUntil: Math.min(now + LEASE, job.deadline) });
    }
    expect(job.tries).toEqual([]);
  });

  test('has its whole time from when it begins', () => {
    const waiting = said(running(), 'waiting', T0 + HOUR - 1);
    const working = said(waiting, 'working', T0 + HOUR);
    expect(runOf(working)).toMatchObject({ leaseUntil: T0 + HOUR + LEASE, workUntil: T0 + HOUR + workMs(2, SETTINGS) });
  });
});

describe('a run that is at work', () => {
  test('keeps the lease that its photos gave it when the provider says so', () => {
    const working = said(running(), 'working', T0 + ASK);
    expect(runOf(said(working, 'working', T0 + 3 * ASK))).toMatchObject({ leaseUntil: T0 + ASK + LEASE });
  });

  test('and silent at the end of its lease works on as long as the provider lets it, and is canceled then', () => {
    const begun = T0 + ASK;
    const silent = said(said(running(), 'working', begun), 'working', begun + LEASE);
    const until = begun + workMs(2, SETTINGS);
    expect(runOf(silent).leaseUntil).toBe(until);
    const over = said(silent, 'working', until);
    expect(over).toMatchObject({ attempt: 2, tries: [0b11n] });
    expect(runsToCancel(over)).toEqual(['run-1']);
  });
});

describe('a run that the provider calls complete', () => {
  test('has half a minute for results that are on their way, then its open photos are tried again; nobody need cancel it', () => {
    const job = said(after(report(running(3), [doneResult(0)])), 'completed', T0 + ASK);
    expect(runOf(job)).toMatchObject({ attempt: 1, over: true, leaseUntil: T0 + ASK + SETTINGS.completeMs });
    expect(nextAsk(job)).toBeNull();
    const late = after(report(job, [doneResult(1)], T0 + ASK + 1));
    expect(isClosing(after(report(late, [doneResult(2)], T0 + ASK + 2)))).toBe(true);
    const again = said(job, 'unknown', T0 + ASK + SETTINGS.completeMs);
    expect(again).toMatchObject({ attempt: 2, tries: [0b110n] });
    expect(runsToCancel(again)).toEqual([]);
  });
});

describe('the last results of a run that is complete', () => {
  test('give the others half a minute more, and no new lease: nobody could be asked about them', () => {
    const complete = said(running(4), 'completed', T0 + ASK);
    const job = after(report(complete, [doneResult(0)], T0 + ASK + 1_000));
    expect(runOf(job).leaseUntil).toBe(T0 + ASK + 1_000 + SETTINGS.completeMs);
  });

  test('have half a minute also when its lease had just ended, so that no last try fails beside its result', () => {
    const job = said(running(3), 'completed', T0 + LEASE);
    expect(runOf(job)).toMatchObject({ attempt: 1, over: true, leaseUntil: T0 + LEASE + SETTINGS.completeMs });
    expect(said(job, 'unknown', T0 + LEASE + SETTINGS.completeMs).attempt).toBe(2);
  });
});

describe('a run that nobody has begun', () => {
  test('and whose photos the one before it settles after all is canceled', () => {
    let job = said(running(2), 'unknown', T0 + LEASE);
    job = after(beginDispatch(job, 2, T0 + LEASE, SETTINGS));
    job = after(confirmDispatch(job, 2, 'run-2', T0 + LEASE));
    const settled = after(report(job, [doneResult(0, { attempt: 1 })], T0 + LEASE));
    expect(runsToCancel(settled)).toEqual(['run-1', 'run-2']);
    const own = after(report(job, [doneResult(0, { attempt: 2 })], T0 + LEASE));
    expect(runsToCancel(own)).toEqual(['run-1']);
  });
});

describe('a run that failed at the provider', () => {
  test('is tried again at once, and what the provider said is kept for operators', () => {
    const words = 'FAILED: CUDA out of memory';
    const job = planned(hear(running(3), 1, { status: 'failed', words }, T0 + 1_000, SETTINGS));
    expect(job).toMatchObject({ attempt: 2, providerSaid: { attempt: 1, at: T0 + 1_000, words } });
    expect(job.effects.send).toBeDefined();
    expect(runsToCancel(job)).toEqual([]);
  });
});

describe('a run that the provider does not know', () => {
  test('and knew before is over', () => {
    expect(said(said(running(), 'waiting', T0 + ASK), 'forgotten', T0 + 3 * ASK).attempt).toBe(2);
  });

  test('and never knew cannot be asked about: its lease is waited out, and it is not asked again', () => {
    const job = said(running(), 'forgotten', T0 + ASK);
    expect(job.attempt).toBe(1);
    expect(nextAsk(job)).toBeNull();
    const over = said(job, 'unknown', T0 + LEASE);
    expect(over.attempt).toBe(2);
    expect(runsToCancel(over)).toEqual(['run-1']);
  });
});

describe('a lease that ends', () => {
  test('changes nothing when a photo renewed it while the provider was asked', () => {
    const renewed = after(report(running(3), [doneResult(0)], T0 + LEASE - 1));
    expect(outRuns(said(renewed, 'unknown', T0 + LEASE))).toHaveLength(1);
    expect(said(renewed, 'unknown', T0 + LEASE).attempt).toBe(1);
  });

  test('sends a message that never reached its consumer again, as the same run, as often as it takes', () => {
    let job = queued();
    for (let lost = 1; lost <= 10; lost++) {
      job = said(job, 'unknown', runOf(job).leaseUntil);
      expect(job).toMatchObject({ status: 'queued', attempt: 1, failed: 0n, tries: [] });
      expect(job.effects.send).toEqual({ tries: 0, due: T0 + lost * LEASE + SETTINGS.effectGraceMs });
    }
  });

  test('counts a consumer that died after taking the message as a try', () => {
    expect(said(claimed(), 'unknown', T0 + LEASE)).toMatchObject({ attempt: 2, tries: [0b11n] });
  });

  test('cancels a run of which nothing is known before it dispatches again', () => {
    expect(runsToCancel(said(running(), 'unknown', T0 + LEASE))).toEqual(['run-1']);
  });
});

/** Photos 1 and 2 of three before their last try, photo 0 done. */
function lastTries(): JobState {
  let job = after(report(running(3), [doneResult(0)]));
  for (let died = 0; died < 3; died++) {
    job = said(job, 'failed', T0);
    job = after(beginDispatch(job, job.attempt, T0, SETTINGS));
    job = after(confirmDispatch(job, job.attempt, `run-${job.attempt}`, T0));
  }
  return job;
}

describe('after their third run died', () => {
  test('photos fail, each with its own, and what is done is charged: the rest goes back', () => {
    const job = lastTries();
    expect(job.tries.map(indexesOf)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const one = said(job, 'failed', T0);
    expect(indexesOf(one.failed)).toEqual([1]);
    expect(isClosing(one)).toBe(false);
    const last = after(confirmDispatch(after(beginDispatch(one, one.attempt, T0, SETTINGS)), one.attempt, 'run-9', T0));
    const { job: closing, events } = taken(hear(last, last.attempt, { status: 'unknown' }, T0 + LEASE, SETTINGS));
    expect(events[0]?.items).toEqual([{ idx: 2, status: 'failed', error: 'not processed within 3 attempts' }]);
    expect(runsToCancel(closing)).toEqual(['run-9']);
    const ended = after(verified(closing, seen(closing.done), T0, SETTINGS));
    expect(ended).toMatchObject({ status: 'done', charged: 1, error: 'not processed within 3 attempts' });
  });

  test('and nothing is done, the job is failed and costs nothing', () => {
    let job = { ...lastTries(), photos: running(3).photos };
    while (!isClosing(job)) {
      job = said({ ...job, done: 0n, failed: job.failed | 0b1n }, 'failed', T0 + MINUTE);
      if (isClosing(job)) break;
      job = after(beginDispatch(job, job.attempt, T0, SETTINGS));
      job = after(confirmDispatch(job, job.attempt, null, T0));
    }
    expect(after(verified(job, seen(0n), T0, SETTINGS))).toMatchObject({ status: 'failed', charged: 0 });
  });
});
