/** Slow lines: what moves is never given up, what stands still is, and as many photos go at once as the line takes. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClientWith } from '../src/client.ts';
import { systemClock } from '../src/clock.ts';
import { createTestServer } from '../src/testing/index.ts';
import { createLine } from '../src/upload/line.ts';
import { turns } from './manual-clock.ts';
import { caught, jpegs, setUp } from './support.ts';

const MINUTE = 60_000;

/** An upload in a browser, whose bytes leave as the test says. */
class SlowXhr {
  static all: SlowXhr[] = [];
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload = () => {};
  onerror = () => {};
  onabort = () => {};
  status = 0;
  aborted = false;
  sent = false;
  responseText = '';
  constructor() {
    SlowXhr.all.push(this);
  }
  open(): void {}
  setRequestHeader(): void {}
  getResponseHeader(): null {
    return null;
  }
  send(_body?: unknown): void {
    this.sent = true;
  }
  abort(): void {
    this.aborted = true;
    this.onabort();
  }
  answer(status: number): void {
    this.status = status;
    this.onload();
  }
}

beforeEach(() => {
  SlowXhr.all = [];
  vi.stubGlobal('XMLHttpRequest', SlowXhr);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A run whose API is answered at once, and whose uploads are the test's. */
function uploading(count: number) {
  const { api, client } = setUp();
  vi.stubGlobal('fetch', api.fetch);
  const job = setUp({ fetch: undefined, baseUrl: api.base }).client.jobs.start({
    preset: 'seller',
    files: jpegs(count),
    concepts: { Body: { action: 'remove' } },
  });
  return { api, client, job };
}
async function seen(count: number): Promise<SlowXhr[]> {
  for (let turn = 0; SlowXhr.all.filter(({ sent }) => sent).length < count; turn++) {
    if (turn > 100_000) throw new Error(`no ${count} uploads`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return SlowXhr.all;
}

test('a photo that takes an hour is sent once, as long as something of it leaves every minute', async () => {
  const { api, job } = uploading(1);
  const [put] = await seen(1);
  for (let minute = 0; minute < 60; minute++) {
    await vi.advanceTimersByTimeAsync(59_000);
    put?.upload.onprogress?.({ loaded: minute / 20 });
  }
  expect([put?.aborted, SlowXhr.all.length]).toEqual([false, 1]);
  api.stored.set(`${job.id}/0`, { type: 'image/jpeg', bytes: 5 });
  put?.answer(200);
  expect((await job.result()).status).toBe('done');
});

/** A server with its deadlines, and an upload of which a little leaves each minute. */
function crawling() {
  // The server's clock is moved, and its own turns take real ones.
  vi.useRealTimers();
  const server = createTestServer({ now: Date.parse('2026-01-01T00:00:00Z') });
  vi.stubGlobal('fetch', server.fetch);
  class CrawlingXhr extends SlowXhr {
    url = '';
    headers: Record<string, string> = {};
    override open(_method?: string, url = ''): void {
      this.url = url;
    }
    override setRequestHeader(name = '', value = ''): void {
      this.headers[name] = value;
    }
    /** The storage looks at the signature when it begins. */
    override send(body?: unknown): void {
      super.send();
      const { headers } = this;
      server.fetch(this.url, { method: 'PUT', headers, body: body as Blob }).then(({ status }) => {
        this.status = status;
      });
    }
  }
  vi.stubGlobal('XMLHttpRequest', CrawlingXhr);
  const { baseUrl } = server;
  const client = createClientWith(
    { baseUrl, WebSocket: null },
    { ...systemClock, now: server.clock.now.bind(server.clock) },
  );
  return { server, client };
}

test('a photo that takes three hours is waited for, since its upload goes on asking for URLs', async () => {
  const { server, client } = crawling();
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: { Body: { action: 'remove' } } });
  const [put] = await seen(1);
  for (let minute = 0; minute < 180; minute++) {
    await server.clock.advance(MINUTE);
    put?.upload.onprogress?.({ loaded: minute / 40 });
    await turns();
  }
  const { deadline } = await client.jobs.get({ jobId: job.id as string });
  expect(deadline?.getTime()).toBeGreaterThan(server.clock.now() + 40 * MINUTE);
  put?.answer(put.status);
  expect(await job.result()).toMatchObject({ status: 'done', charged: 1 });
  expect(SlowXhr.all).toHaveLength(1);
});

test('an upload whose job was canceled elsewhere ends when it asks for URLs, and not when it has sent all in vain', async () => {
  const { server, client } = crawling();
  const job = client.jobs.start({ preset: 'seller', files: jpegs(1), concepts: { Body: { action: 'remove' } } });
  const [put] = await seen(1);
  await client.jobs.cancel({ jobId: job.id as string });
  put?.upload.onprogress?.({ loaded: 1 });
  await turns();
  expect(put?.aborted).toBe(false);
  await server.clock.advance(15 * MINUTE);
  put?.upload.onprogress?.({ loaded: 2 });
  expect((await job.result()).status).toBe('canceled');
  expect(put?.aborted).toBe(true);
});

test('a photo of which nothing leaves for a minute is sent again', async () => {
  const { api, job } = uploading(1);
  const [put] = await seen(1);
  await vi.advanceTimersByTimeAsync(59_000);
  put?.upload.onprogress?.({ loaded: 1 });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(put?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(put?.aborted).toBe(true);
  const [, again] = await seen(2);
  api.stored.set(`${job.id}/0`, { type: 'image/jpeg', bytes: 5 });
  again?.answer(200);
  expect((await job.result()).status).toBe('done');
});

test('a line that stands still for good is told as such, not as an abort', async () => {
  const { job } = uploading(1);
  const told = caught(job.result());
  for (let tries = 1; tries <= 10; tries++) {
    await seen(tries);
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(await told).toMatchObject({
    code: 'NETWORK_ERROR',
    attempts: 10,
    message: expect.stringContaining('no answer in'),
  });
});

const MB = 1_000_000;
/** How many of `size` go at once after ten seconds on a line of so many bytes a second. */
function widthOn(bytesPerSecond: number, size: number): number {
  const clock = { time: 0, now: () => clock.time, sleep: async () => {}, random: () => 0.5 };
  const line = createLine(clock, true);
  for (; clock.time <= 10_000; clock.time += 100) line.moved(bytesPerSecond / 10, size);
  return line.width;
}

test.each([
  ['1.6 Mbit/s, 24 MB each', 200_000, 24 * MB, 1],
  ['1.6 Mbit/s, 1 MB each', 200_000, MB, 4],
  ['20 Mbit/s, 24 MB each', 2.5 * MB, 24 * MB, 2],
  ['100 Mbit/s, 5 MB each', 12.5 * MB, 5 * MB, 6],
  ['nothing at all', 0, MB, 1],
])('on a line of %s go as many at once as it sends in 20 s', (_, bytesPerSecond, size, width) => {
  expect(widthOn(bytesPerSecond, size)).toBe(width);
});

test('a line that gets faster or slower is followed within seconds', () => {
  const clock = { time: 0, now: () => clock.time, sleep: async () => {}, random: () => 0.5 };
  const line = createLine(clock, true);
  const run = (bytesPerSecond: number, until: number) => {
    for (; clock.time <= until; clock.time += 100) line.moved(bytesPerSecond / 10, 5 * MB);
    return line.width;
  };
  expect([run(0.2 * MB, 10_000), run(10 * MB, 20_000), run(0.2 * MB, 30_000)]).toEqual([1, 6, 1]);
});

test('before anything is known of the line three photos go, one more with each that has arrived, and six where nothing is told', () => {
  const clock = { now: () => 0, sleep: async () => {}, random: () => 0.5 };
  const line = createLine(clock, true);
  expect(line.width).toBe(3);
  for (let photo = 0; photo < 10; photo++) line.arrived();
  expect([line.width, createLine(clock, false).width]).toEqual([6, 6]);
});
