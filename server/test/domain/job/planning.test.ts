/** Which photos go to the provider together, and when. */
import { describe, expect, test } from 'vitest';
import { all, count, indexesOf } from '../../../src/domain/bitmap.ts';
import { beginDispatch, confirmDispatch } from '../../../src/domain/job/dispatch.ts';
import { hear } from '../../../src/domain/job/leases.ts';
import { plan } from '../../../src/domain/job/planning.ts';
import { hasBegun, openOf, outRuns, waitingPhotos } from '../../../src/domain/job/runs.ts';
import { isClosing, type JobState } from '../../../src/domain/job/state.ts';
import { after, doneResult, planned, queued, report, SETTINGS, T0 } from './states.ts';

/** The provider takes the last run. */
function sent(job: JobState): JobState {
  const claimed = after(beginDispatch(job, job.attempt, T0, SETTINGS));
  return planned(confirmDispatch(claimed, job.attempt, `run-${job.attempt}`, T0));
}
/** One more photo of run `attempt` is done. */
function progress(job: JobState, attempt: number): JobState {
  const run = outRuns(job).find((one) => one.attempt === attempt);
  const [idx = 0] = indexesOf((run?.photos ?? 0n) & ~(job.done | job.failed));
  return planned(report(job, [doneResult(idx, { attempt })]));
}
/** The whole of a job, run by run, each as long as it takes; the sizes of its runs. */
function sizesOf(total: number): number[] {
  const sizes: number[] = [];
  let job = queued(total);
  for (let steps = 0; steps < 1_000 && !isClosing(job); steps++) {
    const unsent = job.runs.find(({ stage }) => stage === 'none');
    if (unsent !== undefined) {
      sizes.push(count(unsent.photos));
      job = sent(job);
    } else job = progress(job, outRuns(job)[0]?.attempt ?? 0);
  }
  expect(job.done).toBe(all(total));
  return sizes;
}

/** Photos, by the default settings; what proving/bench measures as the largest. */
const LARGEST_RUN = 14;

describe('the sizes of runs', () => {
  test.each([
    [1, [1]],
    [2, [2]],
    [4, [4]],
    [5, [3, 2]],
    [10, [4, 6]],
    [16, [4, 12]],
    [17, [4, 7, 6]],
    [30, [4, 9, 9, 8]],
  ])('of %i photos are %j: a small first one, and the others alike', (total, sizes) => {
    expect(sizesOf(total)).toEqual(sizes);
  });

  test.each([30, 60, 120, 200])('of %i photos are no more runs than even ones, and about as large', (total) => {
    const sizes = sizesOf(total);
    expect(sizes[0]).toBe(4);
    expect(sizes.length).toBeLessThanOrEqual(1 + Math.ceil((total - 4) / SETTINGS.runPhotos));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_RUN);
  });

  test('of the largest job reach the largest run', () => {
    expect(Math.max(...sizesOf(200))).toBe(LARGEST_RUN);
  });

  test('get smaller towards the end, so that all of them end at the same time', () => {
    let job = queued(200);
    for (let run = 1; run <= SETTINGS.maxRuns; run++) job = progress(sent(job), run);
    while (waitingPhotos(job) !== 0n) {
      for (const { attempt } of outRuns(job)) job = progress(job, attempt);
      if (job.runs.some(({ stage }) => stage === 'none')) job = progress(sent(job), job.attempt);
    }
    const open = outRuns(job).map((run) => count(openOf(job, run)));
    expect(open).toHaveLength(SETTINGS.maxRuns);
    expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(5);
  });
});

describe('the next run', () => {
  test('goes out when the one before has begun, and not while that waits', () => {
    const job = sent(queued(30));
    expect(outRuns(job)).toHaveLength(1);
    const begun = progress(job, 1);
    expect(outRuns(begun).map(({ attempt, stage }) => [attempt, stage])).toEqual([
      [1, 'sent'],
      [2, 'none'],
    ]);
    expect(outRuns(progress(sent(begun), 1))).toHaveLength(2);
  });

  test('goes out when the provider says that the one before is at work, though it reports nothing yet', () => {
    const job = sent(queued(30));
    const waiting = planned(hear(job, 1, { status: 'waiting' }, T0 + SETTINGS.askMs, SETTINGS));
    expect(outRuns(waiting)).toHaveLength(1);
    const working = planned(hear(waiting, 1, { status: 'working' }, T0 + 3 * SETTINGS.askMs, SETTINGS));
    expect(outRuns(working)).toHaveLength(2);
  });

  test('waits for a place while four are out', () => {
    let job = queued(200);
    for (let run = 1; run <= SETTINGS.maxRuns; run++) job = progress(sent(job), run);
    expect(outRuns(job)).toHaveLength(4);
    expect(count(waitingPhotos(job))).toBeGreaterThan(100);
    expect(outRuns(job).every((run) => hasBegun(job, run))).toBe(true);
    for (let photo = 0; photo < 3; photo++) job = progress(job, 1);
    expect(outRuns(job).map(({ attempt }) => attempt)).toEqual([2, 3, 4, 5]);
  });

  test('is not planned twice, and planning changes nothing that is as it should be', () => {
    for (const job of [queued(30), sent(queued(30)), progress(sent(queued(30)), 1)]) {
      expect(plan(job, T0 + 1, SETTINGS)).toBe(job);
    }
  });
});

test('one photo that kills whoever works on it takes no other with it', () => {
  const poisoned = 7;
  let job = queued(30);
  let deaths = 0;
  for (let steps = 0; steps < 1_000 && !isClosing(job); steps++) {
    if (job.runs.some(({ stage }) => stage === 'none')) job = sent(job);
    const run = outRuns(job)[0];
    if (run === undefined) break;
    const [next = -1] = indexesOf(run.photos & ~(job.done | job.failed));
    if (next !== poisoned) job = progress(job, run.attempt);
    else {
      deaths++;
      job = planned(hear(job, run.attempt, { status: 'failed', words: 'FAILED: killed' }, T0, SETTINGS));
    }
  }
  expect(deaths).toBe(SETTINGS.maxAttempts);
  expect(indexesOf(job.failed)).toEqual([poisoned]);
  expect(count(job.done)).toBe(29);
  expect(job.providerSaid?.words).toBe('FAILED: killed');
});
