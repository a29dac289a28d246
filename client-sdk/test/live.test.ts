/** Following a job live, and whatever can happen to the line meanwhile. */
import { afterEach, expect, test, vi } from 'vitest';
import { type FakeSocket, item } from './fake-live.ts';
import { turns, until } from './manual-clock.ts';
import { refuse } from './refuse.ts';
import { first, status } from './support.ts';
import { watched } from './watched.ts';

afterEach(() => vi.unstubAllGlobals());

test('each photo is told as it happens, and nothing is asked for meanwhile', async () => {
  const { live, clock, job, settle, end, items, connections, gets } = await watched(3);
  await until(() => job.state.connection === 'live');
  expect(live.last.url).toMatch(/^ws:\/\/fake\/trpc\/watch\/job-[\w-]+\?ticket=ticket$/);
  settle(2, 0);
  await until(() => items().length === 2);
  expect(job.state).toMatchObject({ done: 2, total: 3, status: 'running' });
  await clock.advance(20_000);
  expect(gets()).toBe(0);
  await end();
  expect(items()).toEqual([2, 0, 1]);
  expect(connections()).toEqual(['connecting', 'live', 'idle']);
  expect(gets()).toBe(1);
  expect(live.last.closed).toBe(true);
});

test('a fork that hears of its last photos first knows of those before them as well', async () => {
  const { client, live, job, end } = await watched(4);
  await end();
  const { jobId } = await job.result();
  live.log.length = 0;
  const fork = client.jobs.fork(jobId, { concepts: { Body: { action: 'remove' } } });
  await until(() => fork.state.connection === 'live');
  live.push(['1.0', item(3)], ['2.0', item(1)]);
  await until(() => fork.state.done === 2);
  expect(fork.state.items.map(({ idx, status }) => [idx, status])).toEqual([
    [0, 'pending'],
    [1, 'done'],
    [2, 'pending'],
    [3, 'done'],
  ]);
  expect(fork.state.total).toBe(4);
  fork.detach();
});

test('a dropped line is resumed behind the last event: no gap, nothing twice', async () => {
  const { live, clock, settle, end, items } = await watched(4);
  settle(0, 1);
  await until(() => items().length === 2);
  live.last.drop();
  settle(2);
  await clock.advance(1_000);
  await until(() => live.sockets.length === 2);
  expect(live.resumed).toEqual(['2.0']);
  await end();
  expect(items()).toEqual([0, 1, 2, 3]);
});

test('a line that only breaks, again and again, tells each photo once', async () => {
  const { live, clock, job, settle, end, items } = await watched(20);
  for (let idx = 0; idx < 19; idx++) {
    await until(() => job.state.connection === 'live');
    await clock.advance(3_000);
    settle(idx);
    live.last.drop();
    await clock.advance(1_000);
  }
  await end();
  expect(items()).toEqual(Array.from({ length: 20 }, (_, idx) => idx));
  expect(live.sockets).toHaveLength(20);
});

test('a half-open line is given up after five silent seconds, without waiting for its close', async () => {
  const { live, clock, settle, end, items } = await watched(2);
  live.last.deaf = true;
  settle(0);
  await clock.advance(25_000);
  expect(live.last.sent.at(-1)).toBe('PING');
  expect(live.sockets).toHaveLength(1);
  await clock.advance(5_500);
  expect(live.sockets).toHaveLength(2);
  await until(() => items().length === 1);
  await end();
});

test('a line that answers is kept, however long nothing happens', async () => {
  const { live, clock, job, end } = await watched(1);
  await clock.advance(10 * 60_000);
  expect(live.sockets).toHaveLength(1);
  expect(job.state.connection).toBe('live');
  expect(live.last.sent.filter((text) => text === 'PING').length).toBeGreaterThanOrEqual(20);
  await end();
});

test('what a line that was given up still says is not taken', async () => {
  const { live, clock, job, settle, end, items } = await watched(3);
  const [old] = live.sockets as [FakeSocket];
  settle(0);
  await clock.advance(5_000);
  old.drop();
  await clock.advance(5_000);
  settle(1);
  await until(() => items().length === 2);
  old.deaf = false;
  old.tell(['9.0', { type: 'item', idx: 2, status: 'failed', error: 'from the past' }]);
  live.last.drop();
  await clock.advance(1_000);
  expect(live.resumed).toEqual(['1.0', '2.0']);
  await end();
  expect(job.state.items.map((one) => one.status)).toEqual(['done', 'done', 'done']);
});

test('a socket that does not open within eight seconds is given up, and after two the job is asked for', async () => {
  const { live, clock, job, end, gets } = await watched(1, (fake) => {
    fake.onConnect = () => {};
  });
  await clock.advance(8_000);
  await clock.advance(1_000);
  expect(live.sockets).toHaveLength(2);
  await clock.advance(10_000);
  expect(job.state.connection).toBe('polling');
  const before = gets();
  await clock.advance(30_000);
  expect(gets() - before).toBeGreaterThanOrEqual(9);
  expect(gets() - before).toBeLessThanOrEqual(13);
  live.onConnect = (socket) => socket.fire('open');
  await clock.advance(60_000);
  expect(job.state.connection).toBe('live');
  await end();
});

test('a proxy that cuts every line at once does not make the client hammer', async () => {
  const { live, clock, job, gets } = await watched(1, (fake) => {
    fake.onConnect = (socket) => {
      socket.fire('open');
      socket.drop();
    };
  });
  await clock.advance(60_000);
  expect(live.sockets.length).toBeLessThanOrEqual(4);
  expect(gets()).toBeLessThanOrEqual(30);
  job.detach();
});

test.each(['online', 'visible'])('%s reconnects at once instead of waiting', async (moment) => {
  const page = browser();
  const { live, api, clock, job, end } = await watched(1);
  api.faults = [first(3, 'jobs.get', status(503))];
  live.last.drop();
  await clock.advance(600);
  expect(job.state.connection).toBe('offline');
  const sockets = live.sockets.length;
  api.faults = [];
  page.fire(moment);
  await until(() => live.sockets.length > sockets);
  await end();
});

test('online replaces a line from before the network changed', async () => {
  const page = browser();
  const { live, clock, settle, end, items } = await watched(2);
  settle(0);
  await until(() => items().length === 1);
  live.last.deaf = true;
  page.fire('online');
  await clock.advance(250);
  expect(live.sockets).toHaveLength(2);
  expect(live.resumed).toEqual(['1.0']);
  await end();
  expect(items()).toEqual([0, 1]);
});

test('offline shows at once, and nothing is tried until the network is back', async () => {
  const page = browser();
  const { api, live, clock, job, end, gets } = await watched(1);
  api.faults = [
    () => {
      throw new TypeError('network is down');
    },
  ];
  page.online(false);
  page.fire('offline');
  await clock.advance(200);
  expect(job.state.connection).toBe('offline');
  const before = gets();
  await clock.advance(20_000);
  expect(gets()).toBe(before);
  api.faults = [];
  page.online(true);
  page.fire('online');
  await until(() => live.sockets.length === 2);
  await end();
});

test('looking at the page again pings the line, and replaces one that does not answer', async () => {
  const page = browser();
  const { live, clock, end } = await watched(1);
  page.fire('visible');
  await clock.advance(2_500);
  expect(live.sockets).toHaveLength(1);
  live.last.deaf = true;
  page.fire('visible');
  await clock.advance(2_500);
  expect(live.sockets).toHaveLength(2);
  await end();
});

test('an error, a reconnect and a frame that cannot be read each end the line and lose nothing', async () => {
  const frames = [
    { id: 1, error: { json: { message: 'gone', code: -32001 } } },
    { id: null, method: 'reconnect' },
    'no JSON',
  ];
  const { live, clock, settle, end, items } = await watched(4);
  for (const [at, frame] of frames.entries()) {
    await clock.advance(5_000);
    settle(at);
    live.last.say(frame);
    await clock.advance(1_000);
    expect(live.sockets).toHaveLength(at + 2);
  }
  await end();
  expect(items()).toEqual([0, 1, 2, 3]);
});

test('a ping of the server is answered', async () => {
  const { live, end } = await watched(1);
  live.last.say('PING');
  expect(live.last.sent).toContain('PONG');
  await end();
});

test('a page that forbids sockets is asked for instead', async () => {
  const { clock, job, api } = await watched(1, (fake) => {
    Object.assign(fake, {
      WebSocket: class {
        constructor() {
          throw new Error('content security policy');
        }
      },
    });
  });
  await clock.advance(2_000);
  expect(job.state.connection).toBe('polling');
  api.itemsAt = () => [{ idx: 0, status: 'done' }];
  await clock.advance(4_000);
  expect((await job.result()).status).toBe('done');
});

test('a job that the server denies ends the following with its code', async () => {
  const { api, live, clock, job } = await watched(1);
  api.onCall = (path) => path === 'jobs.get' && refuse('JOB_NOT_FOUND');
  live.last.drop();
  await clock.advance(1_000);
  await expect(job.result()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', jobId: job.id });
});

test('detach closes the line at once and cancels nothing', async () => {
  const { api, live, job } = await watched(1);
  await until(() => job.state.connection === 'live');
  job.detach();
  await turns();
  expect(live.last.closed).toBe(true);
  expect(api.log).not.toContain('jobs.cancel');
  await expect(job.result()).rejects.toMatchObject({ code: 'ABORTED' });
});

/** A page whose events the test fires. */
function browser() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('document', document);
  const online = (onLine: boolean) => vi.stubGlobal('navigator', { onLine });
  online(true);
  const fire = (moment: string) =>
    moment === 'visible'
      ? document.dispatchEvent(new Event('visibilitychange'))
      : window.dispatchEvent(new Event(moment));
  return { fire, online };
}
