/** A run on its way to the provider: who takes its message, what the provider answers, and runs that nobody waits for any more. */
import { describe, expect, test } from 'vitest';
import { indexesOf } from '../../../src/domain/bitmap.ts';
import {
  beginDispatch,
  confirmDispatch,
  deadLetter,
  refuseDispatch,
  rejectDispatch,
} from '../../../src/domain/job/dispatch.ts';
import { verified } from '../../../src/domain/job/ending.ts';
import { hear } from '../../../src/domain/job/leases.ts';
import { plan } from '../../../src/domain/job/planning.ts';
import { isWaiting, waitingPhotos } from '../../../src/domain/job/runs.ts';
import { isClosing, type JobState, sentPhotos, unansweredPhotos } from '../../../src/domain/job/state.ts';
import { effectDone, nextAlarm, timeout } from '../../../src/domain/job/timing.ts';
import {
  after,
  canceled,
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
  uploaded,
} from './states.ts';

const runsToCancel = (job: JobState) => job.effects.cancelRuns?.providerIds ?? [];
const died = (job: JobState) => planned(hear(job, 1, { status: 'failed' }, T0, SETTINGS));
const refused = (job: JobState, random = 0.999, now = T0) =>
  planned(refuseDispatch(job, job.attempt, 'busy', now, random, SETTINGS), now);

describe('a consumer that takes a message', () => {
  test('gets the open photos of its run, and the time until which it has signed', () => {
    const part = after(report(queued(3), [doneResult(1)]));
    const { reply, job } = taken(beginDispatch(part, 1, T0, SETTINGS));
    expect(reply).toEqual({ go: true, open: [0, 2], attemptDeadline: job.deadline });
    expect(runOf(job)).toMatchObject({ stage: 'claimed', urlsUntil: job.deadline, handed: 2 });
    expect(job.putsExpireAt).toBe(job.deadline);
  });

  test('has no more time than the URLs that it signed, where those end before a lease would', () => {
    const signedUntil = T0 + MINUTE;
    const { job } = taken(beginDispatch(queued(), 1, T0, SETTINGS, signedUntil));
    expect(runOf(job)).toMatchObject({ leaseUntil: signedUntil, urlsUntil: signedUntil });
  });

  test('is told so when the same message was taken before: one dispatch a run', () => {
    const second = taken(beginDispatch(claimed(), 1, T0, SETTINGS));
    expect(second.reply).toEqual({ go: false, reason: 'already dispatched' });
    expect(second.job).toEqual(claimed());
  });

  test('is told so when its message is of a run that died', () => {
    const job = died(running());
    expect(taken(beginDispatch(job, 1, T0, SETTINGS)).reply).toEqual({ go: false, reason: 'stale attempt' });
    expect(taken(beginDispatch(job, 2, T0, SETTINGS)).reply).toMatchObject({ go: true });
  });

  test.each([
    ['uploaded', uploaded()],
    ['canceled', canceled(queued())],
    ['waiting only for the look into R2', planned(report(queued(1), [doneResult(0)]))],
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

describe('a provider that says no for now', () => {
  test('uses up no try and no photo: the same run is offered again after a wait, from here and not from the queue', () => {
    const job = refused(claimed());
    expect(job).toMatchObject({ status: 'queued', attempt: 1, tries: [], providerSaid: { attempt: 1, words: 'busy' } });
    expect(runOf(job)).toMatchObject({ attempt: 1, stage: 'none', refusals: 1, handed: 0 });
    expect(sentPhotos(job)).toBe(0);
    expect(job.effects.send).toBeUndefined();
    expect(job.effects.offer?.tries).toBe(1);
    expect(taken(beginDispatch(job, 1, T0, SETTINGS)).reply).toMatchObject({ go: true });
  });

  test('is asked again after waits that double, up to ten minutes, and at any moment of them', () => {
    const longest: number[] = [];
    let job = claimed();
    for (let no = 1; no <= 12; no++) {
      expect((refused(job, 0).effects.offer?.due ?? 0) - T0).toBeLessThanOrEqual(SETTINGS.refusedMs);
      job = refused(job);
      longest.push(Math.round(((job.effects.offer?.due ?? 0) - T0) / 1000));
      job = after(beginDispatch(job, 1, T0, SETTINGS));
    }
    expect(longest.slice(0, 7)).toEqual([10, 20, 40, 80, 160, 320, 599]);
    expect(longest.slice(7).every((seconds) => seconds === 599)).toBe(true);
  });

  test('is asked by one run alone, and goes on being asked as long as the job has time', () => {
    let job = refused(claimed(30));
    expect(job.runs).toHaveLength(1);
    for (let wake = 0; wake < 20; wake++) {
      const at = nextAlarm(job, T0, SETTINGS) ?? 0;
      expect(at).toBe(job.effects.offer?.due);
      job = refused(after(beginDispatch(job, 1, at, SETTINGS)), 0.5, at);
      expect(job.runs).toHaveLength(1);
    }
    expect(job.failed).toBe(0n);
  });

  test('is waited for also while it is being asked again', () => {
    const again = after(beginDispatch(refused(claimed()), 1, T0, SETTINGS));
    expect([refused(claimed()), again].map(isWaiting)).toEqual([true, true]);
    expect(isWaiting(after(confirmDispatch(again, 1, 'run-1', T0)))).toBe(false);
  });

  test('is not asked for a job that the release before has ended, which knows of no offer', () => {
    const job = plan({ ...refused(claimed()), status: 'canceled', endedAt: T0, charged: 0 }, T0, SETTINGS);
    expect(job.effects.offer).toBeUndefined();
  });

  test('starts anew with its waits once it has taken the run', () => {
    const job = after(confirmDispatch(after(beginDispatch(refused(claimed()), 1, T0, SETTINGS)), 1, 'run-1', T0));
    expect(runOf(job)).toMatchObject({ stage: 'sent', refusals: 0, providerId: 'run-1' });
    expect(job.status).toBe('running');
  });

  test.each([
    ['comes after the provider took it', running(), 1],
    ['is of a run that died', after(beginDispatch(died(running()), 2, T0, SETTINGS)), 1],
  ])('and whose answer %s changes nothing', (_, job, attempt) => {
    expect(after(refuseDispatch(job, attempt, 'busy', T0, 0, SETTINGS))).toBe(job);
    expect(after(rejectDispatch(job, attempt, 'bad', T0, 0, SETTINGS))).toBe(job);
  });

  test.each([
    ['no', refuseDispatch(canceled(claimed()), 1, 'busy', T0, 0, SETTINGS)],
    ['that the message is wrong', rejectDispatch(canceled(claimed()), 1, 'bad', T0, 0, SETTINGS)],
  ])('says %s after the end: what was counted as sent is taken back, and the user is told, once', (_, decision) => {
    const ended = canceled(claimed());
    expect([sentPhotos(ended), unansweredPhotos(ended)]).toEqual([ended.photos.length, ended.photos.length]);
    const job = after(decision);
    expect(job.effects).toEqual({ ...ended.effects, unsent: { tries: 0, due: T0 } });
    expect([sentPhotos(job), unansweredPhotos(job)]).toEqual([0, 0]);
    expect(after(refuseDispatch(job, 1, 'busy', T0, 0, SETTINGS))).toBe(job);
  });
});

describe('a provider that takes no such message', () => {
  const rejected = (job: JobState) =>
    planned(rejectDispatch(job, job.attempt, 'the GPU provider answered 422', T0, 0.999, SETTINGS));

  test('has it again in halves, then photo by photo, and after the third try they fail by its words', () => {
    let job = claimed(4);
    const sizes = [4];
    for (let sends = 0; sends < 20 && !isClosing(job); sends++) {
      job = rejected(job);
      const run = job.runs.at(-1);
      if (run === undefined || isClosing(job)) break;
      sizes.push(indexesOf(run.photos).length);
      job = after(beginDispatch(job, run.attempt, T0, SETTINGS));
    }
    expect(sizes).toEqual([4, 2, 2, 1, 1, 1, 1]);
    expect(indexesOf(job.failed)).toEqual([0, 1, 2, 3]);
    expect(job.error).toBe('the GPU provider answered 422');
    expect(sentPhotos(job)).toBe(0);
  });

  test('has no other one for a moment: a provider that is set up anew is not asked three times in a second', () => {
    const job = rejected(claimed(2));
    expect(job.effects.send).toMatchObject({ tries: 1 });
    expect((job.effects.send?.due ?? 0) - T0).toBeGreaterThan(SETTINGS.refusedMs);
  });
});

describe('a message that has a part of its run only', () => {
  test('takes that part, and the others wait for another one', () => {
    const { reply, job } = taken(beginDispatch(queued(4), 1, T0, SETTINGS, T0 + HOUR, [1, 2, 9]));
    expect(reply).toMatchObject({ open: [1, 2] });
    expect(runOf(job).handed).toBe(2);
    expect(indexesOf(waitingPhotos(job))).toEqual([0, 3]);
    expect(taken(beginDispatch(queued(2), 1, T0, SETTINGS, T0 + HOUR, [7])).reply).toMatchObject({ go: false });
  });
});

describe('a run that arrives when nobody waits for it is canceled', () => {
  test.each([
    ['for an ended job', canceled(claimed())],
    ['for a run that died', planned(hear(claimed(), 1, { status: 'unknown' }, T0 + SETTINGS.leaseMs, SETTINGS))],
    ['after the provider had said no', refused(claimed())],
  ])('%s', (_, job) => {
    const late = after(confirmDispatch(job, 1, 'run-late', T0));
    expect(runsToCancel(late)).toEqual(['run-late']);
    expect({ ...late, effects: {} }).toEqual({ ...job, effects: {} });
  });

  // Regression: the run went on at the provider until its own time limit, because the job had not ended yet.
  test('after the deadline failed every photo, while the look into R2 is still to come', () => {
    const job = claimed();
    const due = timeout(job, job.deadline, SETTINGS);
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

describe('a dead letter', () => {
  const buried = (job: JobState, attempt: number) => taken(deadLetter(job, attempt, T0, 0.999, SETTINGS));

  test('of a run that nobody has taken sends it again after a wait that grows, and fails no photo', () => {
    const waits: number[] = [];
    let job = after(effectDone(after(report(queued(2), [doneResult(0)])), 'send'));
    for (let letter = 0; letter < 3; letter++) {
      const { reply, job: next } = buried(job, 1);
      expect(reply).toEqual({ sentAgain: true });
      expect(buried(next, 1).job).toBe(next);
      waits.push(Math.round(((next.effects.send?.due ?? 0) - T0) / 1000));
      job = after(effectDone(next, 'send'));
    }
    expect(waits).toEqual([10, 20, 40]);
    expect(job).toMatchObject({ failed: 0n, attempt: 1, deadLetter: true, tries: [] });
  });

  test('that was the last word of a job when its time is over says why', () => {
    const { job } = buried(after(effectDone(queued(1), 'send')), 1);
    const due = timeout(job, job.deadline, SETTINGS);
    expect(due).toMatchObject({ decision: { job: { error: 'dead letter: the GPU provider did not take the job' } } });
    const taken = after(confirmDispatch(after(beginDispatch(job, 1, T0, SETTINGS)), 1, 'run-1', T0));
    expect(timeout(taken, taken.deadline, SETTINGS)).toMatchObject({
      decision: { job: { error: 'not processed in time' } },
    });
  });

  test.each([
    ['of a run that a consumer took', claimed(), 1],
    ['of a run that the provider took', running(), 1],
    ['of a run that died', died(running()), 1],
    ['of a run still to come', queued(), 2],
    ['of an ended job', canceled(queued()), 1],
    // Regression: a job with every photo done was listed among the dead letters.
    ['of a job whose photos are all settled by now', planned(report(queued(1), [doneResult(0)])), 1],
  ])('%s does nothing', (_, job, attempt) => {
    const decision = buried(job, attempt);
    expect(decision.reply).toEqual({ sentAgain: false });
    expect(decision.job).toBe(job);
  });

  test('leaves a minute to whoever takes the message in the end', () => {
    const { job } = buried(after(effectDone(queued(), 'send')), 1);
    expect(runOf(job).leaseUntil).toBeGreaterThan((job.effects.send?.due ?? 0) + MINUTE);
  });
});
