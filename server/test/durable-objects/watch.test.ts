/** Watching a job: every event once and in order, over bursts, evictions and broken connections, to the end. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, START, wake } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  createdJob,
  dispatchOf,
  doneItem,
  doneJob,
  failedItem,
  finish,
  putInputs,
  putResults,
  type RunningJob,
  range,
  report,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { jobObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { type Told, Watcher } from '../../../proving/world/workerd/watch.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

const done = (count: number): string[] => range(count).map((idx) => `${idx} done`);
const progress = (status: string, doneOf: number, failed: number, total: number) => ({
  type: 'progress',
  status,
  done: doneOf,
  failed,
  total,
  etaMs: expect.toBeOneOf([null, expect.any(Number)]),
  waiting: false,
});

/** One callback per photo. */
async function finishOneByOne(job: RunningJob, indexes: number[]): Promise<void> {
  await putResults(job, indexes);
  for (const idx of indexes) await report(job, doneItem(job, idx));
}

describe('what is told', () => {
  test('a watcher from the beginning sees every move, every photo and the end', async () => {
    const job = await createdJob(user, 2);
    const { jobId } = job;
    const watcher = await Watcher.of(user, jobId);
    await putInputs(job, range(2));
    await user.client.jobs.confirmUpload.mutate({ jobId });
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
    await deliver(lastSent(jobId));
    const running = { ...job, dispatch: dispatchOf(jobId) };
    await putResults(running, [0]);
    await report(running, doneItem(running, 0));
    await report(running, failedItem(1));
    await watcher.untilEnd();
    const { told } = watcher;
    expect(told.map(({ id, event }) => [id, event.type, 'status' in event ? event.status : null])).toEqual([
      ['0', 'progress', 'created'],
      ['0', 'progress', 'uploaded'],
      ['0', 'progress', 'queued'],
      ['0', 'progress', 'running'],
      ['1.0', 'item', 'done'],
      ['1', 'progress', 'running'],
      ['2.0', 'item', 'failed'],
      ['2', 'progress', 'running'],
      ['end', 'done', null],
    ]);
    expect(told.at(5)?.event).toEqual(progress('running', 1, 0, 2));
    expect(told.at(6)?.event).toEqual({ type: 'item', idx: 1, status: 'failed', error: 'cannot be decoded' });
    const end = { type: 'done', done: 1, failed: 1, total: 2, charged: 1, refunded: 1, error: null };
    expect(told.at(-1)?.event).toEqual({ ...end, keptUntil: new Date(START + 30 * DAY) });
    expect(await watcher.untilClosed()).toMatchObject({ code: 1000 });
  });

  test('a done photo comes with the same URLs as jobs.get gives', async () => {
    const job = await runningJob(user, 1);
    const watcher = await Watcher.of(user, job.jobId);
    await finish(job, [0]);
    await watcher.untilEnd();
    const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
    const item = watcher.told.find(({ event }) => event.type === 'item')?.event;
    expect(item).toEqual({ type: 'item', ...items[0] });
    expect(item).toHaveProperty('previewUrl');
  });

  test('who comes late is told first how the job stands, then what happened, then what happens', async () => {
    const job = await runningJob(user, 4);
    await finish(job, [0, 1]);
    const watcher = await Watcher.of(user, job.jobId);
    await finishOneByOne(job, [2, 3]);
    await watcher.untilEnd();
    expect(watcher.told[0]).toEqual({ id: '0', event: progress('running', 2, 0, 4) });
    expect(watcher.photos).toEqual(done(4));
  });

  test('who comes after the end is told all of it', async () => {
    const job = await doneJob(user, 3);
    const watcher = await Watcher.of(user, job.jobId);
    await watcher.untilEnd();
    expect(watcher.photos).toEqual(done(3));
    expect(watcher.told.at(-1)).toMatchObject({ id: 'end', event: { type: 'done', charged: 3 } });
    expect(await watcher.untilClosed()).toMatchObject({ code: 1000 });
  });

  test('nothing is signed while nobody watches, and each URL once for many', async () => {
    const job = await runningJob(user, 5);
    const encode = vi.spyOn(TextEncoder.prototype, 'encodeInto');
    const signed = () => encode.mock.calls.filter(([text]) => text?.startsWith('GET\n')).length;
    await finishOneByOne(job, [0, 1, 2]);
    expect(signed()).toBe(0);
    const watchers = await Promise.all(range(5).map(() => Watcher.of(user, job.jobId)));
    await Promise.all(watchers.map((watcher) => watcher.untilPhotos(3)));
    encode.mockClear();
    await finish(job, [3]);
    await Promise.all(watchers.map((watcher) => watcher.untilPhotos(4)));
    expect(signed(), 'the result and the preview of one photo').toBe(2);
  });

  test('late results are not told', async () => {
    const job = await runningJob(user, 2);
    await finish(job, [0]);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    await finish(job, [1]);
    const watcher = await Watcher.of(user, job.jobId);
    await watcher.untilEnd();
    expect(watcher.photos).toEqual(['0 done']);
  });
});

describe('how it ends', () => {
  const endOf = async (watcher: Watcher) => {
    await watcher.untilEnd();
    await watcher.untilClosed();
    return watcher.told.at(-1)?.event;
  };

  test('failed: nothing could be done', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    await report(job, { items: [failedItem(0), failedItem(1)] });
    expect(await endOf(watcher)).toMatchObject({ type: 'failed', failed: 2, charged: 0, refunded: 2 });
  });

  test('canceled: with what was done, charged and returned', async () => {
    const job = await runningJob(user, 3);
    const watcher = await Watcher.of(user, job.jobId);
    await finish(job, [1]);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    expect(await endOf(watcher)).toMatchObject({ type: 'canceled', done: 1, charged: 1, refunded: 2, error: null });
  });

  test('expired: the alarm ends what was never uploaded', async () => {
    const job = await createdJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    pass(59 * MINUTE);
    await wake(jobObject(job.jobId));
    pass(MINUTE);
    const again = await Watcher.of(user, job.jobId, watcher.lastId);
    await wake(jobObject(job.jobId));
    expect(await endOf(again)).toMatchObject({ type: 'canceled', charged: 0, refunded: 2, error: 'upload expired' });
  });

  test('a result that was reported and is not in storage fails after all', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    await putResults(job, [0]);
    await report(job, { items: [doneItem(job, 0), doneItem(job, 1)] });
    expect(await endOf(watcher)).toMatchObject({ type: 'done', done: 1, failed: 1, charged: 1 });
    expect(watcher.photos).toEqual(['0 done', '1 done', '1 failed']);
  });

  test('a canceled job whose charge is not known yet has moved, and has not ended', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    await putResults(job, [0]);
    await report(job, { items: [doneItem(job, 0)] });
    const down = vi.spyOn(env.R2, 'list').mockRejectedValue(new Error('R2 is down'));
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    down.mockRestore();
    expect(watcher.told.at(-1)?.event).toMatchObject({ type: 'progress', status: 'canceled' });
    const resumed = await Watcher.of(user, job.jobId, watcher.lastId);
    pass(10 * MINUTE);
    await wake(jobObject(job.jobId));
    for (const one of [watcher, resumed]) expect(await endOf(one)).toMatchObject({ type: 'canceled', charged: 1 });
  });
});

describe('once and in order', () => {
  test.for([
    ['a callback each', 1],
    ['callbacks of 50', 50],
    ['one callback', 200],
  ] as const)('200 photos in %s', { timeout: 30_000 }, async ([, perCallback]) => {
    const job = await runningJob(user, 200);
    await putResults(job, range(200));
    const watchers = await Promise.all(range(3).map(() => Watcher.of(user, job.jobId)));
    const callbacks = range(200 / perCallback).map((nth) =>
      range(200).slice(nth * perCallback, (nth + 1) * perCallback),
    );
    await Promise.all(callbacks.map((indexes) => report(job, { items: indexes.map((idx) => doneItem(job, idx)) })));
    for (const watcher of watchers) {
      await watcher.untilEnd();
      expect(watcher.photos.toSorted()).toEqual(done(200).toSorted());
      expectRising(watcher.told);
    }
  });

  test('over evictions between events', async () => {
    const job = await runningJob(user, 6);
    const watcher = await Watcher.of(user, job.jobId);
    const stub = jobObject(job.jobId);
    for (const idx of range(6)) {
      await evictDurableObject(stub);
      await finishOneByOne(job, [idx]);
    }
    await watcher.untilEnd();
    expect(watcher.photos).toEqual(done(6));
    expectRising(watcher.told);
  });

  test('over a connection that breaks after any event', async () => {
    const job = await runningJob(user, 6);
    await putResults(job, range(6));
    await report(job, doneItem(job, 0));
    await report(job, { items: [1, 2, 3].map((idx) => doneItem(job, idx)) });
    await report(job, { items: [failedItem(4), doneItem(job, 5)] });
    const whole = await Watcher.of(user, job.jobId);
    await whole.untilEnd();
    expect(whole.photos).toEqual(['0 done', '1 done', '2 done', '3 done', '4 failed', '5 done']);
    for (const at of range(whole.told.length)) {
      const before = whole.told.slice(0, at + 1);
      const resumed = await Watcher.of(user, job.jobId, before.at(-1)?.id);
      await resumed.untilEnd();
      const photos = [...before, ...resumed.told].filter(({ event }) => event.type === 'item');
      expect(photos.map(({ id }) => id)).toEqual(['1.0', '2.0', '2.1', '2.2', '3.0', '3.1']);
    }
  });

  test('over sockets that the server loses while photos come', async () => {
    const job = await runningJob(user, 40);
    const stub = jobObject(job.jobId);
    const told: Told[] = [];
    let watcher = await Watcher.of(user, job.jobId);
    for (const nth of range(10)) {
      const indexes = range(40).slice(nth * 4, nth * 4 + 4);
      await finishOneByOne(job, indexes.slice(0, 2));
      await runInDurableObject(stub, (_, state) => {
        for (const socket of state.getWebSockets()) socket.close(1012, 'gone');
      });
      await watcher.untilClosed();
      told.push(...watcher.told);
      await finishOneByOne(job, indexes.slice(2));
      watcher = await Watcher.of(user, job.jobId, told.at(-1)?.id);
    }
    await watcher.untilEnd();
    told.push(...watcher.told);
    expect(told.flatMap(({ event }) => (event.type === 'item' ? [event.idx] : []))).toEqual(range(40));
    expect(told.at(-1)?.id).toBe('end');
  });

  test('from an id that lies beyond all, only what comes', async () => {
    const job = await runningJob(user, 2);
    await finish(job, [0]);
    for (const beyond of ['99', '99.7', 'end']) {
      const watcher = await Watcher.of(user, job.jobId, beyond);
      expect(watcher.told).toEqual([{ id: '1', event: progress('running', 1, 0, 2) }]);
      watcher.close();
    }
    const watcher = await Watcher.of(user, job.jobId, '99');
    await finish(job, [1]);
    await watcher.untilEnd();
    expect(watcher.photos).toEqual(['1 done']);
  });

  test('after the last event there is nothing: it stops at once', async () => {
    const job = await doneJob(user, 1);
    const watcher = await Watcher.of(user, job.jobId, 'end');
    expect(await watcher.untilClosed()).toMatchObject({ code: 1000 });
    expect(watcher.frames).toEqual([
      { id: 1, result: { type: 'started' } },
      { id: 1, result: { type: 'stopped' } },
    ]);
  });
});

/** Each photo's id comes after the one before it. */
function expectRising(told: Told[]): void {
  const ids = told.flatMap(({ id, event }) => (event.type === 'item' ? [id.split('.').map(Number)] : []));
  for (const [nth, [row = 0, item = 0]] of ids.entries()) {
    const [rowBefore = 0, itemBefore = 0] = ids[nth - 1] ?? [];
    expect(row > rowBefore || (row === rowBefore && item > itemBefore)).toBe(true);
  }
}
