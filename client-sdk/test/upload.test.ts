/** Uploads over a real socket, since the network is the point. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isS3Error } from '../src/index.ts';
import type { Fault } from './fake-api.ts';
import { refuse } from './refuse.ts';
import { caught, cut, first, jpegs, loseAnswer, samplePhoto, setUpOverHttp, status } from './support.ts';

let set: Awaited<ReturnType<typeof setUpOverHttp>>;
beforeEach(async () => {
  set = await setUpOverHttp();
});
afterEach(() => set.close());

const run = (files: Parameters<typeof set.client.jobs.run>[0]['files'], signal?: AbortSignal) =>
  set.client.jobs.run({ preset: 'seller', files, concepts: { Body: { action: 'recolor', value: '#336699' } }, signal });
const puts = () => set.api.log.filter((entry) => entry.startsWith('PUT')).length;

test('real photos arrive whole, with the signed headers and the type of their bytes', async () => {
  const data = samplePhoto('seller/cookie-box.jpg');
  const heads: (string | null)[] = [];
  set.api.faults = [
    (request) => {
      if (request.method === 'PUT')
        heads.push(request.headers.get('if-none-match'), request.headers.get('content-length'));
      return undefined;
    },
  ];
  expect((await run([{ name: 'box.jpg', data }, new File([data], 'b.jpg')])).status).toBe('done');
  const photo = { type: 'image/jpeg', bytes: data.byteLength };
  expect([...set.api.stored.values()]).toEqual([photo, photo]);
  expect(heads).toEqual(['*', String(data.byteLength), '*', String(data.byteLength)]);
});

test('a script never sets content-length or host by itself', async () => {
  const { createClientWith } = await import('../src/client.ts');
  const names: string[] = [];
  const fetch = (url: string, init?: RequestInit) => {
    if (init?.method === 'PUT') names.push(...(init.headers as [string, string][]).map(([name]) => name));
    return globalThis.fetch(url, init);
  };
  const client = createClientWith({ baseUrl: set.api.base, fetch }, set.clock);
  await client.jobs.run({ preset: 'seller', files: jpegs(1), concepts: { Logo: { action: 'remove' } } });
  expect(names).toEqual(['content-type', 'if-none-match']);
});

test('at most six uploads are under way at once', async () => {
  let now = 0;
  let most = 0;
  set.api.faults = [
    async (request) => {
      if (request.method !== 'PUT') return undefined;
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return undefined;
    },
  ];
  await run(jpegs(30));
  expect(puts()).toBe(30);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(6);
});

test('a cut line, 503 and 429 are tried again with jittered waits', async () => {
  set.api.faults = [
    first(1, '/0?', cut),
    first(1, '/0?', status(503)),
    first(1, '/0?', status(429, { 'retry-after': '2' })),
  ];
  expect((await run(jpegs(1))).status).toBe('done');
  expect(set.clock.slept.slice(0, 3)).toEqual([150, 300, 2000]);
});

test('an upload whose answer was lost is there already: 412 counts as uploaded', async () => {
  set.api.faults = [first(1, '/1?', loseAnswer(set.api))];
  expect((await run(jpegs(3))).status).toBe('done');
  expect(puts()).toBe(4);
});

test('expired URLs are signed again, all open ones with one call', async () => {
  let signed = 0;
  set.api.onCall = (path) => {
    if (path === 'jobs.confirmUpload') signed = 0;
  };
  const expire: Fault = (request) => {
    if (request.method === 'PUT' && signed++ === 0) set.api.goodSignatures.clear();
    return undefined;
  };
  set.api.faults = [expire];
  expect((await run(jpegs(20))).status).toBe('done');
  const renewals = set.api.inputs.filter(({ path }) => path === 'jobs.renewUploads');
  expect(renewals).toHaveLength(1);
  expect(renewals[0]?.input).toMatchObject({ indexes: Array.from({ length: 20 }, (_, idx) => idx) });
});

test('a 403 that fresh URLs do not cure names the photo, and the job is canceled', async () => {
  set.api.faults = [(request) => (request.url.includes('/1?') ? status(403)(request) : undefined)];
  const error = await caught(run(jpegs(3)));
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', status: 403, retryable: false });
  expect(isS3Error(error, 'NETWORK_ERROR') && error.data.file).toEqual({ index: 1, name: 'photo1.jpg' });
  expect([...set.api.jobs.values()].map((job) => job.status)).toEqual(['canceled']);
});

const renewals = () => set.api.inputs.filter(({ path }) => path === 'jobs.renewUploads').length;
/** What a page sees of a refusal without CORS headers: the same as of a broken line. */
const opaque =
  (dead: (url: string) => boolean): Fault =>
  (request) =>
    request.method === 'PUT' && dead(request.url) ? cut(request) : undefined;

test('URLs that are refused without a word are signed again, all open ones with one call', async () => {
  const first_ = new Set<string>();
  set.api.onCall = (path, input) => {
    if (path === 'jobs.create') for (let n = 1; n <= (input as { photos: [] }).photos.length; n++) first_.add(`${n}`);
  };
  set.api.faults = [opaque((url) => first_.has(new URL(url).searchParams.get('sig') ?? ''))];
  expect((await run(jpegs(20))).status).toBe('done');
  expect([renewals(), puts()]).toEqual([1, 20]);
});

test('one photo whose URL alone is refused without a word goes on with a new one', async () => {
  set.api.faults = [opaque((url) => url.endsWith('/1?sig=2'))];
  expect((await run(jpegs(3))).status).toBe('done');
  expect([renewals(), puts()]).toEqual([1, 3]);
});

test('a line that stays broken is tried ten times, and its URL signed again once', async () => {
  let tries = 0;
  set.api.faults = [
    opaque(() => {
      tries += 1;
      return true;
    }),
  ];
  expect(await caught(run(jpegs(1)))).toMatchObject({ code: 'NETWORK_ERROR', status: null, retryable: true });
  expect([tries, renewals()]).toEqual([10, 1]);
});

test('while the server is out of reach as well, the old URL is tried on, and the waits are those of uploads alone', async () => {
  let down = 3;
  set.api.faults = [
    (request) => {
      if (request.method === 'PUT' && down > 0) {
        down -= 1;
        return cut(request);
      }
      return request.url.includes('renewUploads') && down > 0 ? cut(request) : undefined;
    },
  ];
  expect((await run(jpegs(1))).status).toBe('done');
  expect([renewals(), puts()]).toEqual([1, 1]);
  expect(set.clock.slept.slice(0, 3)).toEqual([150, 300, 600]);
});

test('a job that was canceled elsewhere ends the upload, also if only a doubt led to the question', async () => {
  set.api.onCall = (path) => {
    if (path !== 'jobs.renewUploads') return;
    for (const job of set.api.jobs.values()) job.status = 'canceled';
    refuse('ALREADY_CANCELED');
  };
  let tries = 0;
  set.api.faults = [
    opaque(() => {
      tries += 1;
      return true;
    }),
  ];
  expect((await run(jpegs(1))).status).toBe('canceled');
  expect(tries).toBe(1);
});

test('storage that stays away is given up after ten tries', async () => {
  let tries = 0;
  set.api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      tries += 1;
      return status(500)(request);
    },
  ];
  expect(await caught(run(jpegs(1)))).toMatchObject({ code: 'NETWORK_ERROR', status: 500, retryable: true });
  expect(tries).toBe(10);
});

test('photos that confirmUpload misses are sent again', async () => {
  let lost = false;
  set.api.onCall = (path) => {
    if (path !== 'jobs.confirmUpload' || lost) return;
    lost = true;
    const [first_] = set.api.stored.keys();
    set.api.stored.delete(first_ ?? '');
  };
  expect((await run(jpegs(3))).status).toBe('done');
  expect(puts()).toBe(4);
});

test('photos that stay missing end in UPLOAD_INCOMPLETE after two more rounds', async () => {
  set.api.onCall = (path) => {
    if (path === 'jobs.confirmUpload') set.api.stored.clear();
  };
  const error = await caught(run(jpegs(2)));
  expect(isS3Error(error, 'UPLOAD_INCOMPLETE') && error.data.missing).toEqual([0, 1]);
  expect(puts()).toBe(6);
});

test('abort in the middle of an upload that hangs rejects at once, closes it and cancels the job', async () => {
  const controller = new AbortController();
  const canceled = new Promise<void>((resolve) => {
    set.api.onCanceled = resolve;
  });
  set.api.faults = [
    (request) => {
      if (request.method !== 'PUT') return undefined;
      controller.abort();
      return new Promise<Response>(() => {});
    },
  ];
  expect(await caught(run(jpegs(8), controller.signal))).toMatchObject({ code: 'ABORTED' });
  await canceled;
  expect(set.api.stored.size).toBe(0);
});
