/** When the last photo can be expected: from the pace of the job's own, kept with each event. The simulation shows how near it comes. */
import { describe, expect, test } from 'vitest';
import { all, of, toHex } from '../../../src/domain/bitmap.ts';
import { refuseDispatch } from '../../../src/domain/job/dispatch.ts';
import { etaMs, paceAfter } from '../../../src/domain/job/pace.ts';
import type { JobState } from '../../../src/domain/job/state.ts';
import { tell } from '../../../src/domain/job/telling.ts';
import { jobOf, leasesOf, stateChanged, storedOf } from '../../../src/durable-objects/job-coordinator/stored-job.ts';
import { after, claimed, doneResult, planned, report, running, SETTINGS, T0, taken } from './states.ts';

/** A job whose first run, which has these photos, reports one every `ms`. */
function reported(total: number, photos: number, ms: number): JobState {
  let job = running(total);
  for (let idx = 0; idx < photos; idx++) {
    job = planned(report(job, [doneResult(idx, { attempt: 1 })], T0 + (idx + 1) * ms));
  }
  return job;
}

test('photos that come in one moment say nothing of the next: the pace follows those after them', () => {
  let job = reported(4, 2, 0);
  for (const idx of [2, 3]) job = planned(report(job, [doneResult(idx, { attempt: 1 })], T0 + 1));
  let large = planned(report(running(30), [doneResult(0, { attempt: 1 }), doneResult(1, { attempt: 1 })], T0));
  large = planned(report(large, [doneResult(2, { attempt: 1 })], T0));
  for (let n = 1; n <= 20; n++) large = { ...large, pace: paceAfter(large, of([3]), T0 + n * 1_000) };
  expect(large.pace?.jobMs).toBeGreaterThan(500);
  expect(job.pace?.jobMs).toBeGreaterThan(0);
});

describe('what is left', () => {
  test('is not known before there is a pace, and nothing is left at the end', () => {
    expect(etaMs(running(3), T0)).toBeNull();
    expect(etaMs(reported(3, 1, 1_000), T0 + 1_000)).toBeNull();
    expect(etaMs(reported(3, 3, 1_000), T0 + 3_000)).toBeNull();
  });

  test('is the time of those that are open in the slowest run, less what has passed since its last', () => {
    const job = reported(4, 2, 1_000);
    expect(etaMs(job, T0 + 2_000)).toBe(2_000);
    expect(etaMs(job, T0 + 2_400)).toBe(1_600);
    // A photo that is late is expected at any moment, and the others after it.
    expect(etaMs(job, T0 + 9_000)).toBe(1_000);
  });

  test('counts those that wait for a run at the pace of the whole job', () => {
    expect(etaMs(reported(60, 3, 1_000), T0 + 3_000)).toBe(57_000);
  });

  test('is not changed by one long pause as if it went on like that', () => {
    const job = reported(60, 3, 1_000);
    const later = planned(report(job, [doneResult(3, { attempt: 1 })], T0 + 3_000 + 3_600_000));
    expect(etaMs(later, T0 + 3_603_000)).toBeLessThan(15 * 60_000);
  });

  test('is not known while the provider does not take the job, and whoever watches is told that it waits', () => {
    const refused = planned(refuseDispatch(claimed(3), 1, '429', T0, 0.5, SETTINGS));
    const withPace = { ...refused, pace: { at: T0, jobMs: 1_000, photoMs: 1_000, heard: {} } };
    expect(etaMs(withPace, T0)).toBeNull();
    const told = { at: { row: 0, item: null }, status: refused.status };
    const first = tell(withPace, [], told, new Map(), SETTINGS, T0);
    expect(first.events.map(({ event }) => event)).toMatchObject([{ type: 'progress', etaMs: null, waiting: true }]);
    expect(tell(withPace, [], first.told, new Map(), SETTINGS, T0).events).toEqual([]);
  });
});

describe('the pace', () => {
  test('is that of each run alone, and of all together', () => {
    const job = { ...running(8), attempt: 2 };
    const [run] = job.runs;
    if (run === undefined) throw new Error('there is no run');
    const two = {
      ...job,
      runs: [
        { ...run, photos: of([0, 1, 2, 3]) },
        { ...run, attempt: 2, photos: of([4, 5, 6, 7]) },
      ],
    };
    let state: JobState = two;
    for (const [nth, idx] of [0, 4, 1, 5, 2, 6].entries()) {
      const pace = paceAfter(state, of([idx]), T0 + nth * 500);
      state = { ...state, pace, done: state.done | of([idx]) };
    }
    expect(state.pace).toEqual({ at: T0 + 2_500, jobMs: 500, photoMs: 1_000, heard: { 1: T0 + 2_000, 2: T0 + 2_500 } });
  });

  test('travels with the row of each event: a callback changes nothing else of the state, and a wake finds it there', () => {
    const before = reported(3, 1, 1_000);
    const { job, events } = taken(report(before, [doneResult(1, { attempt: 1 })], T0 + 2_000));
    expect(job.pace?.jobMs).toBe(1_000);
    expect(stateChanged(before, job, events.length > 0)).toBe(false);
    const fold = {
      seq: 2,
      done: toHex(job.done),
      failed: toHex(job.failed),
      previews: toHex(job.previews),
      lease_until: 0,
      leases: JSON.stringify(leasesOf(job.runs)),
      pace: JSON.stringify(job.pace),
    };
    expect(jobOf(storedOf(before, 1), fold).pace).toEqual(job.pace);
    expect(jobOf(storedOf(before, 1), { ...fold, pace: null }).pace).toEqual(before.pace);
    expect(jobOf(storedOf(before, 1), fold).done).toBe(all(2));
  });

  test('is not changed by a result that is no news', () => {
    const job = reported(3, 2, 1_000);
    expect(after(report(job, [doneResult(1, { attempt: 1 })], T0 + 9_000))).toBe(job);
  });
});
