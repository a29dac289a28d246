/** How a socket ends: a peer's close is answered, and a peer that does not answer ours neither keeps its place nor escapes the cap. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { askWith, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, finish, type Job, range, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject } from '../../../proving/world/workerd/objects.ts';
import { askToWatch, ticketOf, until, Watcher } from '../../../proving/world/workerd/watch.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

/** Sockets that the object has, and how many of them are open. */
const sockets = ({ jobId }: Job): Promise<{ all: number; open: number }> =>
  runInDurableObject(jobObject(jobId), (_, state) => {
    const all = state.getWebSockets();
    return { all: all.length, open: all.filter(({ readyState }) => readyState === WebSocket.OPEN).length };
  });

/** The object's life is ended by the platform; here it is noted, since what was under way would fail the test. */
const lives = ({ jobId }: Job) =>
  runInDurableObject(jobObject(jobId), (_, state) => vi.spyOn(state, 'abort').mockImplementation(() => {}));

describe('a close by the client', () => {
  test.for([
    [1000, 1000],
    [1001, 1001],
    [3000, 3000],
    [undefined, 1005],
  ] as const)('with code %s is answered, and seen by it as %s', async ([code, seen]) => {
    const job = await createdJob(user);
    const watcher = await Watcher.of(user, job.jobId);
    watcher.close(code);
    expect((await watcher.untilClosed()).code).toBe(seen === 1005 ? 1000 : seen);
    expect(await sockets(job)).toEqual({ all: 0, open: 0 });
  });

  test('is answered by an object that was evicted meanwhile', async () => {
    const job = await createdJob(user);
    const watcher = await Watcher.of(user, job.jobId);
    await evictDurableObject(jobObject(job.jobId));
    watcher.close(1000, 'enough');
    expect(await watcher.untilClosed()).toEqual({ code: 1000, reason: 'enough' });
  });

  test('makes room at once for as many as there may be', async () => {
    const job = await createdJob(user);
    for (const _ of range(3)) {
      const watchers = await Promise.all(range(20).map(() => Watcher.open(user, job.jobId)));
      expect(await sockets(job)).toEqual({ all: 20, open: 20 });
      for (const watcher of watchers) watcher.close(1000);
      await Promise.all(watchers.map((watcher) => watcher.untilClosed()));
    }
    expect(await sockets(job)).toEqual({ all: 0, open: 0 });
  });
});

describe('a peer that does not answer our close', () => {
  /** As many as there may be, all of them closed by us. */
  async function deafTo(job: Job): Promise<Watcher[]> {
    const deaf = await Promise.all(range(20).map(() => Watcher.open(user, job.jobId, true)));
    for (const watcher of deaf) watcher.send('{');
    await Promise.all(deaf.map((watcher) => watcher.untilClosed()));
    expect(await sockets(job)).toEqual({ all: 20, open: 0 });
    return deaf;
  }

  test('counts against the cap, and is cut after half a minute by whoever comes', async () => {
    const job = await createdJob(user);
    await deafTo(job);
    const ended = await lives(job);
    const ask = async () => askToWatch(job.jobId, `?ticket=${await ticketOf(user, job.jobId)}`);
    pass(29 * SECOND);
    const full = await ask();
    expect([full.status, await full.json()]).toMatchObject([429, { error: { details: { retryAfterSeconds: 60 } } }]);
    expect(ended).not.toHaveBeenCalled();
    pass(SECOND);
    const soon = await ask();
    expect([soon.status, await soon.json()]).toMatchObject([429, { error: { details: { retryAfterSeconds: 1 } } }]);
    await until(() => ended.mock.calls.length === 1, 'the end of the life');
  });

  test('is cut by the alarm, which is set for that', async () => {
    const job = await createdJob(user);
    const deaf = await Watcher.open(user, job.jobId, true);
    deaf.send('{');
    await deaf.untilClosed();
    expect((await inspect(job.jobId)).nextAlarm).toBe(Date.now() + 30 * SECOND);
    const ended = await lives(job);
    pass(30 * SECOND);
    await wake(jobObject(job.jobId));
    await until(() => ended.mock.calls.length === 1, 'the end of the life');
  });

  test('is cut after the end of its job as well, by an alarm that is set for something else', async () => {
    const job = await runningJob(user, 1);
    const deaf = await Watcher.open(user, job.jobId, true);
    deaf.subscribe(job.jobId);
    await until(() => deaf.frames.length > 0, 'the answer to a subscription');
    const before = (await inspect(job.jobId)).nextAlarm;
    await finish(job, [0]);
    expect(await deaf.untilClosed()).toMatchObject({ code: 1000 });
    expect((await inspect(job.jobId)).nextAlarm).toBe(before);
    const ended = await lives(job);
    pass(MINUTE);
    await wake(jobObject(job.jobId));
    await until(() => ended.mock.calls.length === 1, 'the end of the life');
  });

  test('is not listened to any more', async () => {
    const job = await createdJob(user);
    const deaf = await Watcher.open(user, job.jobId, true);
    deaf.send('{');
    await deaf.untilClosed();
    const frames = deaf.frames.length;
    deaf.subscribe(job.jobId);
    await user.client.jobs.cancel.mutate({ jobId: job.jobId });
    expect(deaf.frames).toHaveLength(frames);
  });
});

test('a peer that answers the close of a sweep is not looked after', async () => {
  const job = await createdJob(user);
  await Watcher.open(user, job.jobId);
  const ended = await lives(job);
  pass(MINUTE);
  await wake(jobObject(job.jobId));
  expect(await sockets(job)).toEqual({ all: 0, open: 0 });
  expect((await inspect(job.jobId)).nextAlarm).toBe(Date.now() + HOUR - MINUTE);
  pass(MINUTE);
  await wake(jobObject(job.jobId));
  expect(ended).not.toHaveBeenCalled();
});

test('a user opens so many sockets a minute, and no object is asked for one more', async () => {
  const { jobId } = await createdJob(user);
  const ticket = await ticketOf(user, jobId);
  const keys: string[] = [];
  const limiter = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key);
      return { success: false };
    },
  };
  const touched = vi.spyOn(env.USER_LIMITER, 'get');
  const headers = { upgrade: 'websocket' };
  const settings = { ...env, MUTATION_LIMIT: limiter };
  const answer = await askWith(settings, `/trpc/watch/${jobId}?ticket=${ticket}`, { headers });
  expect([answer.status, await answer.json()]).toMatchObject([429, { error: { code: 'RATE_LIMITED' } }]);
  expect(keys).toEqual([`${user.userId}:watch`]);
  expect(touched).not.toHaveBeenCalled();
});
