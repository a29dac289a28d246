/**
 * The built client in a real browser, on another origin than the API's, while things go wrong. In each case the job ends done, every
 * event is told once, and no photo is sent to the storage more than once more. Real photos; a GPU worker that the tests direct.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startScriptedGpu } from '../../../../client-sdk/test/conformance/scripted-gpu.ts';
import { ROOT } from '../support.ts';
import { launchChromium, noChromium } from './chromium.ts';
import type { App } from './page.ts';
import { type Around, Place } from './place.ts';
import { serveSite } from './site.ts';
import type { Visit } from './visit.ts';

const PHOTOS = ['apple', 'books', 'coffee'].map((name) => path.join(ROOT, `examples/photos/seller/${name}.jpg`));

type State = NonNullable<ReturnType<App['state']>>;

/** Waits until the page's job stands like this; returns its id. */
async function stands({ page }: Visit, wanted: Partial<Record<keyof State, unknown>>): Promise<string> {
  const like = (fields: typeof wanted) => {
    const state = globalThis.app.state();
    const same = (name: string, value: unknown) =>
      JSON.stringify(state?.[name as keyof State]) === JSON.stringify(value);
    return Object.entries(fields).every(([name, value]) => same(name, value)) ? state?.jobId : null;
  };
  const found = await page.waitForFunction(like, wanted, { polling: 50 });
  return (await found.jsonValue()) ?? '';
}

const start = async (visitor: Visit): Promise<void> => {
  await visitor.pick(PHOTOS);
  await visitor.page.evaluate(() => globalThis.app.start());
};
const told = ({ page }: Visit, count: number) =>
  page.waitForFunction((many) => globalThis.app.told().length >= many, count, { polling: 50 });

let around: Around;

/** The GPU worker does these photos once it has them. */
async function work(jobId: string, ...photos: number[]): Promise<void> {
  await around.gpu.control.dispatched(jobId);
  for (const idx of photos) expect(await around.gpu.control.done(jobId, idx)).toBe('accepted');
}

/** A job whose upload is in its middle: one photo is there, two are half sent. */
async function uploading(place: Place, visitor: Visit): Promise<string> {
  const held = place.network.holdUploads(1, 2);
  await start(visitor);
  await held;
  return stands(visitor, { uploaded: 1 });
}

/** A job that is watched live, with one photo of three done. */
async function watching(visitor: Visit): Promise<string> {
  await start(visitor);
  const jobId = await stands(visitor, { status: 'running', connection: 'live' });
  await work(jobId, 0);
  await told(visitor, 1);
  return jobId;
}

async function endsDone(place: Place, visitor: Visit): Promise<void> {
  const result = await visitor.page.evaluate(() => globalThis.app.ended());
  expect(result, place.tail).toEqual({ status: 'done', charged: 3, items: ['done', 'done', 'done'] });
  expect((await visitor.page.evaluate(() => globalThis.app.told())).toSorted()).toEqual([0, 1, 2]);
  const ids = visitor.ids();
  expect(new Set(ids).size, `told on the wire: ${ids}`).toBe(ids.length);
  expect(await visitor.page.evaluate(() => globalThis.app.me())).toMatchObject({ spent: 3, held: 0 });
  expect(place.network.sent.size).toBe(3);
  for (const [key, { whole }] of place.network.sent) expect([1, 2], key).toContain(whole);
}

const statuses = (place: Place): number[] => [...place.network.sent.values()].flatMap((one) => one.statuses).toSorted();
const renewals = (place: Place): number => place.network.calls.filter((call) => call.endsWith('/auth.renew')).length;
const signedAgain = (place: Place): number =>
  place.network.calls.filter((call) => call === 'POST /trpc/jobs.renewUploads').length;

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  beforeAll(async () => {
    const [browser, site, gpu] = await Promise.all([
      launchChromium(),
      serveSite(),
      startScriptedGpu(() => ({ baseUrl: '', adminSecret: '' })),
    ]);
    around = { browser, site, gpu };
  });
  afterAll(async () => {
    await around.browser.close();
    around.site.close();
    around.gpu.close();
  });

  describe('with the limits of production', () => {
    let place: Place;
    beforeAll(async () => {
      place = await Place.open(around, {});
    });
    afterAll(() => place?.close());

    test('without a network in the middle of an upload: what is there stays, the rest is sent once more', async () => {
      const visitor = await place.visit();
      const jobId = await uploading(place, visitor);
      await place.cut();
      place.network.releaseUploads();
      await place.restore();
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      expect(statuses(place)).toEqual([200, 200, 200]);
      expect(signedAgain(place)).toBe(0);
    });

    test('a line that breaks where the system does not notice: the uploads go on when it is back, with new URLs at most once', async () => {
      const visitor = await place.visit();
      const jobId = await uploading(place, visitor);
      place.network.cut();
      place.network.releaseUploads();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      place.network.restore();
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      expect(statuses(place)).toEqual([200, 200, 200]);
      expect(signedAgain(place)).toBeLessThanOrEqual(1);
    });

    test.each([
      ['of all photos, as after their key was rotated', 3],
      ['of one photo, as when something on the way changed it', 1],
    ])('a URL that the storage refuses without CORS headers, %s, is signed again with one call', async (_, dead) => {
      const visitor = await place.visit();
      place.network.killUrls(dead);
      const held = place.network.holdUploads(0, 3);
      await start(visitor);
      await held;
      // Signed again within the same second they would be the same URLs.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      place.network.releaseUploads();
      const jobId = await stands(visitor, { status: 'running' });
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      expect(statuses(place).filter((status) => status < 400)).toEqual([200, 200, 200]);
      expect(statuses(place).filter((status) => status >= 400)).toContain(403);
      expect(signedAgain(place)).toBe(1);
    });

    test('a photo that was taken while its answer was lost is there: the 412 that follows can be read', async () => {
      const visitor = await place.visit();
      place.network.loseAnswers(1);
      await start(visitor);
      const jobId = await stands(visitor, { status: 'running' });
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      expect(statuses(place)).toEqual([200, 200, 412]);
    });

    test('without a network in the middle of a watch: what happened meanwhile is told when it is back', async () => {
      const visitor = await place.visit();
      const jobId = await watching(visitor);
      await place.cut();
      await stands(visitor, { connection: 'offline' });
      await work(jobId, 1);
      await place.restore();
      await told(visitor, 2);
      await stands(visitor, { connection: 'live' });
      await work(jobId, 2);
      await endsDone(place, visitor);
      expect(visitor.ids()).toHaveLength(4);
      expect(visitor.sockets()).toBe(2);
    });

    test('a tab that is reloaded in the middle of an upload asks for the photos that are missing, and for no other', async () => {
      const visitor = await place.visit();
      const jobId = await uploading(place, visitor);
      await visitor.reload();
      place.network.releaseUploads();
      await visitor.page.evaluate(() => globalThis.app.attach());
      await visitor.page.waitForFunction(() => globalThis.app.state()?.missing.length === 2, null, { polling: 50 });
      await visitor.pick(PHOTOS.toReversed());
      await visitor.page.evaluate(() => globalThis.app.pickAgain());
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      expect(statuses(place)).toEqual([200, 200, 200]);
    });

    test('a tab that is reloaded in the middle of a watch is told all of it, once', async () => {
      const visitor = await place.visit();
      const jobId = await watching(visitor);
      await visitor.reload();
      await work(jobId, 1);
      await visitor.page.evaluate(() => globalThis.app.attach());
      await stands(visitor, { connection: 'live' });
      await work(jobId, 2);
      await endsDone(place, visitor);
      expect(visitor.ids()).toHaveLength(4);
    });

    test('a server that is killed and started again in the middle of a watch: the watch goes on where it was', async () => {
      const visitor = await place.visit();
      const jobId = await watching(visitor);
      const startAgain = await place.kill();
      await stands(visitor, { connection: 'offline' });
      await startAgain();
      // Else, on a slow machine, polling may see the end before the socket is there again.
      await stands(visitor, { connection: 'live' });
      await work(jobId, 1, 2);
      await endsDone(place, visitor);
      expect(visitor.ids()).toHaveLength(4);
    });
  });

  describe('with upload URLs and sessions of a few seconds', () => {
    let place: Place;
    beforeAll(async () => {
      place = await Place.open(around, { UPLOAD_URL_SECONDS: '7', TOKEN_SECONDS: '5' });
    });
    afterAll(() => place?.close());
    const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

    test.each([
      ['as the page knows', 0],
      ['while the clock of the page is an hour late', -3_600_000],
    ])('URLs and session end in the middle of an upload, %s: both are renewed', async (_, skew) => {
      const visitor = await place.visit(skew);
      const jobId = await uploading(place, visitor);
      const { userId } = await visitor.page.evaluate(() => globalThis.app.me());
      await pass(7);
      await place.cut();
      place.network.releaseUploads();
      await place.restore();
      await work(jobId, 0, 1, 2);
      await endsDone(place, visitor);
      // Refusals stand between, which the page is not told of: of its own tries where its clock is late, and of the browser's, which sends
      // again by itself what breaks off on a connection that it has used before.
      expect(statuses(place).filter((status) => status < 400)).toEqual([200, 200, 200]);
      // With a session that the page takes to be good, the call itself is made twice.
      expect([1, 2]).toContain(signedAgain(place));
      expect(renewals(place)).toBeGreaterThan(0);
      expect(await visitor.page.evaluate(() => globalThis.app.me())).toMatchObject({ userId });
    });

    test('the session ends in the middle of a watch that breaks off: the next one is of the same user', async () => {
      const visitor = await place.visit();
      const jobId = await watching(visitor);
      // No socket outlives its session: the client may have come back by itself before the line breaks.
      const before = renewals(place);
      await pass(5);
      await place.cut();
      await place.restore();
      await work(jobId, 1, 2);
      await endsDone(place, visitor);
      expect(renewals(place)).toBeGreaterThan(before);
      expect(visitor.ids()).toHaveLength(4);
    });
  });
});
