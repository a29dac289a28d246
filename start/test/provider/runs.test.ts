/** The provider front: what becomes of a run, as a program sees it that talks to Runpod. */
import { beforeEach, describe, expect, test } from 'vitest';
import { WorkerDied } from '../../provider/gpu-worker.ts';
import { ManualClock } from '../../provider/manual-clock.ts';
import { hands, SECOND } from './hands.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

describe('a run', () => {
  test('waits while its worker starts cold, works, and has its output and both times', async () => {
    const { run, status, given } = hands(clock, 1);
    const id = await run();
    expect(await status(id)).toEqual({ id, status: 'IN_QUEUE' });
    await clock.pass(2 * SECOND);
    expect(await status(id)).toEqual({ id, status: 'IN_QUEUE' });
    await clock.pass(SECOND);
    expect(await status(id)).toEqual({ id, status: 'IN_PROGRESS', workerId: 'worker-1', delayTime: 3000 });
    await clock.pass(7 * SECOND);
    given[0]?.resolve({ photos: 4 });
    await clock.pass(0);
    const ended = {
      status: 'COMPLETED',
      workerId: 'worker-1',
      delayTime: 3000,
      executionTime: 7000,
      output: { photos: 4 },
    };
    expect(await status(id)).toEqual({ id, ...ended });
  });

  test('is said to wait when it is taken in, though a worker has it at once', async () => {
    const { told, run, given, names } = hands(clock, 1);
    await run('a');
    await clock.pass(3 * SECOND);
    given[0]?.resolve(undefined);
    await clock.pass(0);
    const { id, ...rest } = await told('POST', '/run', { input: { name: 'b' } });
    expect([rest, names()]).toEqual([{ status: 'IN_QUEUE' }, ['a', 'b']]);
  });

  test('comes after those that came before it, one at a time to each worker', async () => {
    const { run, given, names, status } = hands(clock, 1);
    const ids = [await run('a'), await run('b'), await run('c')];
    await clock.pass(3 * SECOND);
    expect(names()).toEqual(['a']);
    given[0]?.resolve(undefined);
    await clock.pass(0);
    expect(names()).toEqual(['a', 'b']);
    expect(await Promise.all(ids.map(async (id) => (await status(id)).status))).toEqual([
      'COMPLETED',
      'IN_PROGRESS',
      'IN_QUEUE',
    ]);
  });

  test("that the worker refuses is FAILED with the worker's reason, and the worker goes on", async () => {
    const { run, given, names, status, started } = hands(clock, 1);
    const id = await run('a');
    await run('b');
    await clock.pass(3 * SECOND);
    given[0]?.reject(new Error('the GPU worker answered 400: preset must be one of interior, seller'));
    await clock.pass(0);
    const error = 'the GPU worker answered 400: preset must be one of interior, seller';
    expect(await status(id)).toMatchObject({ status: 'FAILED', error, executionTime: 0 });
    expect([names(), started]).toEqual([['a', 'b'], [0]]);
  });

  test('whose worker dies is FAILED, and the next one waits for a cold start', async () => {
    const { run, given, names, status, started } = hands(clock, 1);
    const id = await run('a');
    await run('b');
    await clock.pass(3 * SECOND);
    given[0]?.reject(new WorkerDied('the GPU worker ended with SIGKILL'));
    await clock.pass(2 * SECOND);
    expect(await status(id)).toMatchObject({ status: 'FAILED', error: 'the GPU worker ended with SIGKILL' });
    expect([names(), started]).toEqual([['a'], [0, 0]]);
    await clock.pass(SECOND);
    expect(names()).toEqual(['a', 'b']);
  });

  test('is TIMED_OUT after its execution time, which its wait is no part of, and is stopped', async () => {
    const { run, given, names, status } = hands(clock, 1);
    const id = await run('a', { executionTimeout: 5 * SECOND });
    await run('b');
    await clock.pass(3 * SECOND + 4_999);
    expect(await status(id)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(given[0]?.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(await status(id)).toMatchObject({ status: 'TIMED_OUT', delayTime: 3000, executionTime: 5000 });
    expect([given[0]?.signal.aborted, names()]).toEqual([true, ['a', 'b']]);
  });

  test('is dropped when its time to live ends, in the queue as well as at work', async () => {
    const { run, given, names, status } = hands(clock, 1);
    const atWork = await run('a', { ttl: 12 * SECOND });
    const queued = await run('b', { ttl: 10 * SECOND });
    const both = async () => [(await status(atWork)).status, (await status(queued)).status];
    await clock.pass(9_999);
    expect(await both()).toEqual(['IN_PROGRESS', 'IN_QUEUE']);
    await clock.pass(1);
    expect(await both()).toEqual(['IN_PROGRESS', 'TIMED_OUT']);
    await clock.pass(2 * SECOND);
    expect(await both()).toEqual(['TIMED_OUT', 'TIMED_OUT']);
    expect(await status(queued)).not.toHaveProperty('delayTime');
    expect([given[0]?.signal.aborted, names()]).toEqual([true, ['a']]);
  });

  test('that is canceled in the queue never comes to a worker, and one at work is stopped', async () => {
    const { run, given, names, cancel, status } = hands(clock, 1);
    const [atWork, queued] = [await run('a'), await run('b')];
    await clock.pass(3 * SECOND);
    expect((await cancel(queued)).status).toBe('CANCELLED');
    expect((await cancel(atWork)).status).toBe('CANCELLED');
    await clock.pass(60 * SECOND);
    expect([given[0]?.signal.aborted, names()]).toEqual([true, ['a']]);
    expect((await status(atWork)).status).toBe('CANCELLED');
  });

  test('stays as it ended, whatever comes after', async () => {
    const { run, given, cancel, status } = hands(clock, 1);
    const id = await run('a');
    await clock.pass(3 * SECOND);
    given[0]?.resolve('out');
    await clock.pass(0);
    expect((await cancel(id)).status).toBe('COMPLETED');
    const other = await run('b');
    await cancel(other);
    given[1]?.resolve('late');
    await clock.pass(0);
    expect((await status(other)).status).toBe('CANCELLED');
  });

  test('is forgotten half an hour after its end, and not before', async () => {
    const { run, given, ask } = hands(clock, 1);
    const id = await run('a');
    await clock.pass(3 * SECOND);
    given[0]?.resolve(undefined);
    await clock.pass(30 * 60 * SECOND - 1);
    expect((await ask('GET', `/status/${id}`)).status).toBe(200);
    await clock.pass(1);
    expect((await ask('GET', `/status/${id}`)).status).toBe(404);
    expect((await ask('POST', `/cancel/${id}`)).status).toBe(404);
  });
});
