/** The provider front's workers: when they start and stop, and how many there are. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ProviderFront } from '../../provider/front.ts';
import { workersAsked } from '../../provider/local.ts';
import { ManualClock } from '../../provider/manual-clock.ts';
import { hands, SECOND } from './hands.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

describe('workers', () => {
  test('come one by one, as runs have waited longer than the delay', async () => {
    const { run, started, names } = hands(clock, 3, { scaleDelayMs: 4 * SECOND });
    for (const name of ['a', 'b', 'c', 'd']) await run(name);
    expect(started).toEqual([0]);
    await clock.pass(3 * SECOND);
    expect(names()).toEqual(['a']);
    await clock.pass(999);
    expect(started).toEqual([0]);
    await clock.pass(1);
    expect(started).toEqual([0, 1, 2]);
    await clock.pass(3 * SECOND);
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  test('do not come for a run that did not wait so long', async () => {
    const { run, given, started } = hands(clock, 2, { scaleDelayMs: 4 * SECOND });
    await run('a');
    await clock.pass(3 * SECOND);
    await run('b');
    await clock.pass(SECOND);
    given[0]?.resolve(undefined);
    await clock.pass(60 * SECOND);
    expect(started).toEqual([0]);
    expect(given.map(({ worker }) => worker)).toEqual([0, 0]);
  });

  test('stop after their idle time, which work begins anew, and start cold again', async () => {
    const { run, given, stopped, started, names } = hands(clock, 1, { idleMs: 5 * SECOND });
    await run('a');
    await clock.pass(3 * SECOND);
    given[0]?.resolve(undefined);
    await clock.pass(4_999);
    await run('b');
    expect([names(), stopped]).toEqual([['a', 'b'], []]);
    given[1]?.resolve(undefined);
    await clock.pass(5 * SECOND);
    expect(stopped).toEqual([0]);
    await run('c');
    await clock.pass(2_999);
    expect(names()).toEqual(['a', 'b']);
    await clock.pass(1);
    expect([names(), started]).toEqual([
      ['a', 'b', 'c'],
      [0, 0],
    ]);
  });

  test('that cannot start are tried again, while runs wait', async () => {
    let tries = 0;
    const start = async () => {
      if (++tries < 3) throw new Error('no such program');
    };
    const worker = { start, work: async () => 'out', stop: async () => {} };
    const front = new ProviderFront({ workers: [worker], clock });
    const { id } = front.submit({}, { executionMs: 600_000, ttlMs: 600_000 });
    await clock.pass(0);
    expect([tries, front.status(id)?.status]).toEqual([1, 'IN_QUEUE']);
    await clock.pass(2 * SECOND);
    expect([tries, front.status(id)?.status]).toEqual([3, 'COMPLETED']);
  });

  test('are counted with the runs in /health', async () => {
    const { run, given, ask } = hands(clock, 3, { scaleDelayMs: 4 * SECOND, idleMs: 60 * SECOND });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await run(name);
    await clock.pass(4 * SECOND);
    const health = async () => (await ask('GET', '/health')).json();
    expect(await health()).toEqual({
      jobs: { completed: 0, failed: 0, inProgress: 1, inQueue: 4, retried: 0 },
      workers: { idle: 0, initializing: 2, ready: 1, running: 1, throttled: 0, unhealthy: 0 },
    });
    await clock.pass(3 * SECOND);
    given[0]?.resolve(undefined);
    given[1]?.reject(new Error('no'));
    await clock.pass(0);
    for (const { resolve } of given) resolve(undefined);
    await clock.pass(0);
    expect(await health()).toEqual({
      jobs: { completed: 4, failed: 1, inProgress: 0, inQueue: 0, retried: 0 },
      workers: { idle: 3, initializing: 0, ready: 3, running: 0, throttled: 0, unhealthy: 0 },
    });
  });

  test('are stopped, and what is left is canceled, when the front is closed', async () => {
    const { front, run, given, names, stopped } = hands(clock, 1);
    await run('a');
    await run('b');
    await clock.pass(3 * SECOND);
    await front.close();
    await clock.pass(60 * SECOND);
    expect([given[0]?.signal.aborted, names(), stopped.length]).toEqual([true, ['a'], 1]);
  });
});

test('GPU_WORKERS is a number of workers, or an error that says so', () => {
  expect([workersAsked({}), workersAsked({ GPU_WORKERS: '' }), workersAsked({ GPU_WORKERS: '3' })]).toEqual([
    null,
    null,
    3,
  ]);
  for (const wrong of ['0', '17', '1.5', 'three', '-1'])
    expect(() => workersAsked({ GPU_WORKERS: wrong })).toThrow('GPU_WORKERS');
});
