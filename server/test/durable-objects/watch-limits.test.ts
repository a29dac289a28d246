/** The sockets of those who watch: how many and how long, and that one that breaks harms nobody. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob, finish, type Job, range, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject } from '../../../proving/world/workerd/objects.ts';
import { askToWatch, ticketOf, until, Watcher } from '../../../proving/world/workerd/watch.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

/** Sockets that the object has open. */
const openSockets = ({ jobId }: Job): Promise<number> =>
  runInDurableObject(
    jobObject(jobId),
    (_, state) => state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length,
  );

describe('signs of life', () => {
  test('a PING is answered without waking the object', async () => {
    const job = await createdJob(user);
    const watcher = await Watcher.of(user, job.jobId);
    await evictDurableObject(jobObject(job.jobId));
    watcher.send('PING');
    await until(() => watcher.pongs.length === 1, 'a PONG');
    const answered = await runInDurableObject(jobObject(job.jobId), (_, state) =>
      state.getWebSockets().map((socket) => state.getWebSocketAutoResponseTimestamp(socket)),
    );
    expect(answered).toEqual([expect.any(Date)]);
  });
});

describe('how many and how long', () => {
  test('one too many is refused, until one has gone', async () => {
    const { jobId } = await createdJob(user);
    const watchers = await Promise.all(range(20).map(() => Watcher.of(user, jobId)));
    const refused = await askToWatch(jobId, `?ticket=${await ticketOf(user, jobId)}`);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      success: false,
      error: { code: 'RATE_LIMITED', details: { retryAfterSeconds: 60 } },
    });
    watchers[0]?.close();
    const job = { userId: user.userId, jobId, photos: 2 };
    let open = 20;
    await until(() => {
      void openSockets(job).then((count) => {
        open = count;
      });
      return open === 19;
    }, 'the close to be seen');
    await Watcher.of(user, jobId);
  });

  test('who subscribes to nothing is swept by the alarm, and nobody else', async () => {
    const job = await createdJob(user);
    const silent = await Watcher.open(user, job.jobId);
    const subscribed = await Watcher.of(user, job.jobId);
    pass(59 * SECOND);
    await wake(jobObject(job.jobId));
    expect(await openSockets(job)).toBe(2);
    expect((await inspect(job.jobId)).nextAlarm).toBe(Date.now() + SECOND);
    pass(SECOND);
    await evictDurableObject(jobObject(job.jobId));
    await wake(jobObject(job.jobId));
    expect(await silent.untilClosed()).toMatchObject({ code: 1008 });
    expect(silent.errors).toEqual([{ id: null, errorCode: 'VALIDATION_ERROR' }]);
    expect(subscribed.closed).toBeNull();
    expect(await openSockets(job)).toBe(1);
  });

  test('unsubscribed sockets whose time is over make room for a watcher', async () => {
    const { jobId } = await createdJob(user);
    await Promise.all(range(20).map(() => Watcher.open(user, jobId)));
    pass(MINUTE);
    const watcher = await Watcher.of(user, jobId);
    expect(watcher.told).toHaveLength(1);
  });

  test('after an hour a socket is closed, and its client goes on where it was', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    await finish(job, [0]);
    await watcher.untilPhotos(1);
    for (const _ of range(6)) {
      pass(10 * MINUTE);
      await wake(jobObject(job.jobId));
    }
    expect(await watcher.untilClosed()).toMatchObject({ code: 1001 });
    const again = await Watcher.of(user, job.jobId, watcher.lastId);
    await finish(job, [1]);
    await again.untilEnd();
    expect(again.photos).toEqual(['1 done']);
  });

  test('an alarm that finds a closing socket is not set again for it', async () => {
    const job = await createdJob(user);
    await Watcher.open(user, job.jobId);
    pass(MINUTE);
    await wake(jobObject(job.jobId));
    expect((await inspect(job.jobId)).nextAlarm).toBe(Date.now() + HOUR - MINUTE);
  });
});

describe('what breaks', () => {
  test('a socket that throws disturbs neither the others nor the callback', async () => {
    const job = await runningJob(user, 2);
    const watchers = [await Watcher.of(user, job.jobId), await Watcher.of(user, job.jobId)];
    await runInDurableObject(jobObject(job.jobId), (_, state) => {
      const [broken] = state.getWebSockets();
      const { send } = WebSocket.prototype;
      vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (this: WebSocket, ...args) {
        if (this === broken) throw new TypeError('the socket is gone');
        return Reflect.apply(send, this, args);
      });
    });
    expect((await finish(job, [0, 1])).status).toBe(200);
    await until(() => watchers.some(({ stopped }) => stopped), 'the end at the sound one');
    expect(watchers.map(({ photos }) => photos.length).toSorted()).toEqual([0, 2]);
  });

  test('a watcher that has vanished is no reason to wait or fail', async () => {
    const job = await runningJob(user, 1);
    const watcher = await Watcher.of(user, job.jobId);
    watcher.close();
    expect((await finish(job, [0])).body.data).toMatchObject({ items: [{ idx: 0, outcome: 'accepted' }] });
    expect((await inspect(job.jobId)).charged).toBe(1);
  });

  test('when URLs cannot be signed, the commit stands, and watchers come back for what they missed', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { encodeInto } = TextEncoder.prototype;
    const broken = vi.spyOn(TextEncoder.prototype, 'encodeInto').mockImplementation(function (
      this: TextEncoder,
      text,
      into,
    ) {
      if (text?.startsWith('GET\n')) throw new Error('no key');
      return Reflect.apply(encodeInto, this, [text, into]);
    });
    expect((await finish(job, [0])).status).toBe(200);
    expect(await watcher.untilClosed()).toMatchObject({ code: 1011 });
    expect(logged.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([{ event: 'watch.failed' }]);
    broken.mockRestore();
    const again = await Watcher.of(user, job.jobId, watcher.lastId);
    await finish(job, [1]);
    await again.untilEnd();
    expect(again.photos).toEqual(['0 done', '1 done']);
  });
});

describe('a deleted job', () => {
  test('sends away whoever is there, and is not found by who subscribes', async () => {
    const job = await doneJob(user, 1);
    const silent = await Watcher.open(user, job.jobId);
    await user.client.jobs.delete.mutate({ jobId: job.jobId });
    expect(await silent.untilClosed()).toMatchObject({ code: 1008 });
    expect(silent.errors).toEqual([{ id: null, errorCode: 'JOB_NOT_FOUND' }]);
  });

  test('lets nobody in any more', async () => {
    const job = await doneJob(user, 1);
    const ticket = await ticketOf(user, job.jobId);
    await user.client.jobs.delete.mutate({ jobId: job.jobId });
    expect((await askToWatch(job.jobId, `?ticket=${ticket}`)).status).toBe(404);
  });
});
