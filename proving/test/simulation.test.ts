/** The simulation: what has to be so in it is so, and a mistake in how it decides would be seen. */
import { describe, expect, test } from 'vitest';
import { checks } from '../simulation/checks.ts';
import { play } from '../simulation/play.ts';
import { COLD, WARM } from '../simulation/provider.ts';
import { behindThree, ONE_MESSAGE, poisoned, withWorkers } from '../simulation/scenarios.ts';
import { isMet } from '../simulation/tables.ts';
import { Timeline } from '../simulation/timeline.ts';

describe('in the simulation', () => {
  test.each(checks())('$what: $found, at most $limit', (check) => {
    expect(isMet(check)).toBe(true);
  });

  test('one message a job misses what runs keep: an album takes as long as one machine needs, and whoever comes later waits for it', () => {
    const [album] = play({ jobs: [{ name: 'album', photos: 200, atMs: 0 }], provider: WARM, cut: ONE_MESSAGE });
    expect(album?.runs).toBe(1);
    expect(album?.allMs).toBeGreaterThan(140_000);
    expect(Math.min(...behindThree(withWorkers(3, true), ONE_MESSAGE))).toBeGreaterThan(60_000);
  });

  test('a photo that kills whoever works on it takes others with it where a photo has one try alone', () => {
    const [album] = poisoned(WARM, 30, 17);
    expect(album?.failed).toEqual([17]);
    const once = play({
      jobs: [{ name: 'a', photos: 30, atMs: 0, poisoned: 17 }],
      provider: WARM,
      cut: { maxAttempts: 1 },
    });
    expect(once[0]?.failed.length).toBeGreaterThan(1);
  });

  test('machines that are down take as long to come as they are said to', () => {
    const [album] = play({ jobs: [{ name: 'album', photos: 30, atMs: 0 }], provider: COLD });
    expect(album?.firstMs).toBe(300 + 100 + 4_000 + 20_000 + 700 + 100);
  });

  test('whatever a queue of the provider takes, every photo comes', () => {
    const jobs = Array.from({ length: 5 }, (_, nth) => ({ name: `job-${nth}`, photos: 60, atMs: nth * 1_000 }));
    const facts = play({
      jobs,
      provider: { ...WARM, workers: 2, warm: 2, queueLimit: 1, spread: 0.3, callbackPhotos: 10 },
    });
    expect(facts.map(({ failed, allMs }) => [failed, allMs !== null])).toEqual(jobs.map(() => [[], true]));
    expect(facts.some(({ refusals }) => refusals > 0)).toBe(true);
  });

  test('the same seed plays the same', () => {
    const once = () =>
      play({ jobs: [{ name: 'a', photos: 60, atMs: 0 }], provider: { ...COLD, spread: 0.5 }, seed: 7 });
    expect(once()).toEqual(once());
  });
});

test('what comes at a time happens in its order, however it was told', () => {
  const happened: string[] = [];
  const timeline = new Timeline(0);
  for (const ms of [5, 1, 9, 3, 7, 1, 2]) timeline.after(ms, () => happened.push(`${ms}@${timeline.now}`));
  timeline.after(3, () => timeline.after(1, () => happened.push('then')));
  timeline.run(8, () => false);
  expect(happened).toEqual(['1@1', '1@1', '2@2', '3@3', 'then', '5@5', '7@7']);
});
