/**
 * What people do with a page, in a real browser with React: pick one by one, click twice, go elsewhere, hide, reload, pick wrong files.
 * One job comes of it, nothing ends in CONCURRENCY_LIMIT, and what does not fit is said.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startScriptedGpu } from '../../../../client-sdk/test/conformance/scripted-gpu.ts';
import { ROOT } from '../support.ts';
import { launchChromium, noChromium } from './chromium.ts';
import { type Around, Place } from './place.ts';
import { serveSite } from './site.ts';
import type { Visit } from './visit.ts';

const NAMES = ['apple', 'books', 'coffee'];
const fileOf = (name: string) => path.join(ROOT, `examples/photos/seller/${name}.jpg`);
const PHOTOS = NAMES.map(fileOf);
const STRANGER = path.join(ROOT, 'examples/photos/interior/facade.jpg');
const names = (status: string) => NAMES.map((name) => `${name}.jpg ${status}`);

let around: Around;
let place: Place;
const creates = (): number =>
  place.network.calls.filter((call) => call.startsWith('POST') && call.includes('jobs.create')).length;

const photos = ({ page }: Visit): Promise<string[]> => page.locator('li').allTextContents();
const ids = ({ page }: Visit): Promise<string[]> => page.locator('li').evaluateAll((all) => all.map(({ id }) => id));
const shows = ({ page }: Visit, text: string): Promise<void> => page.locator('output', { hasText: text }).waitFor();
const click = ({ page }: Visit, button: string): Promise<void> => page.locator(button).click();

/** Three photos that were picked, of which one is there and two are half sent. */
async function uploading(visitor: Visit): Promise<void> {
  const held = place.network.holdUploads(1, 2);
  await visitor.pick(PHOTOS);
  await click(visitor, '#apply');
  await held;
  await visitor.page.locator('li', { hasText: 'uploaded' }).waitFor();
}

/** The job goes to its end, and all photos are done. */
async function endsDone(visitor: Visit, of = 3): Promise<void> {
  await shows(visitor, 'running');
  const jobId = (await visitor.page.locator('output').getAttribute('data-job')) ?? '';
  await around.gpu.control.dispatched(jobId);
  for (let idx = 0; idx < of; idx++) expect(await around.gpu.control.done(jobId, idx)).toBe('accepted');
  await shows(visitor, 'done');
  const progress = await visitor.page.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
  expect(progress.at(-1)).toBe(1);
  for (const one of progress) expect(one, String(progress)).not.toBeNaN();
}

/** Nothing that was shown was taken back, since the page was loaded. */
async function neverBack({ page }: Visit): Promise<void> {
  const progress = await page.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
}

describe.skipIf(noChromium !== null)(`clicks in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  beforeAll(async () => {
    const [browser, site, gpu] = await Promise.all([
      launchChromium(),
      serveSite(),
      startScriptedGpu(() => ({ baseUrl: '', adminSecret: '' })),
    ]);
    around = { browser, site, gpu };
    place = await Place.open(around, {});
  });
  afterAll(async () => {
    await place?.close();
    await around.browser.close();
    around.site.close();
    around.gpu.close();
  });

  test('three picks from an input that is cleared each time are three files, and two clicks are one job', async () => {
    const visitor = await place.visit(0, '/react');
    for (const photo of PHOTOS) await visitor.pick([photo]);
    expect(await photos(visitor)).toEqual(names('picked'));
    const before = await ids(visitor);
    await visitor.page.locator('#apply').dblclick();
    await endsDone(visitor);
    expect(await photos(visitor)).toEqual(names('done'));
    expect(await ids(visitor)).toEqual(before);
    await neverBack(visitor);
    expect(creates()).toBe(1);
  });

  test('without React as well: the input is cleared right after the call', async () => {
    const visitor = await place.visit();
    await visitor.pick(PHOTOS);
    await visitor.page.evaluate(() => {
      const input = document.querySelector('input') as HTMLInputElement;
      globalThis.app.start();
      globalThis.app.start();
      input.value = '';
    });
    const running = await visitor.page.waitForFunction(() => {
      const state = globalThis.app.state();
      return state?.status === 'running' ? state.jobId : null;
    });
    const jobId = (await running.jsonValue()) ?? '';
    await around.gpu.control.dispatched(jobId);
    for (const idx of [0, 1, 2]) await around.gpu.control.done(jobId, idx);
    expect(await visitor.page.evaluate(() => globalThis.app.ended())).toMatchObject({ status: 'done', charged: 3 });
    expect(creates()).toBe(1);
  });

  test.each([
    ['another route', 'elsewhere'],
    ['a hidden <Activity>', 'hidden'],
  ])('%s in the middle of an upload, and back: the page finds its run and its files, and Apply is that run', async (_, away) => {
    const visitor = await place.visit(0, '/react');
    await uploading(visitor);
    const before = await ids(visitor);
    await click(visitor, `#${away}`);
    place.network.releaseUploads();
    await click(visitor, '#album');
    expect(await ids(visitor)).toEqual(before);
    await click(visitor, '#apply');
    await endsDone(visitor);
    await neverBack(visitor);
    expect(creates()).toBe(1);
    for (const { whole } of place.network.sent.values()) expect(whole).toBe(1);
  });

  test('a reload in the middle of an upload, the same photos and Apply: the same job, and what lies there is not sent again', async () => {
    const visitor = await place.visit(0, '/react');
    await uploading(visitor);
    await visitor.reload();
    place.network.releaseUploads();
    await visitor.pick(PHOTOS.toReversed());
    await click(visitor, '#apply');
    await endsDone(visitor);
    await neverBack(visitor);
    expect(creates()).toBe(1);
    expect([...place.network.sent.values()].filter(({ whole }) => whole > 1).length).toBeLessThanOrEqual(2);
    expect([...place.network.sent.values()].some(({ whole }) => whole === 1)).toBe(true);
  });

  test('a reload, and the page says what was left: a wrong file is named, the right ones go on', async () => {
    const visitor = await place.visit(0, '/react');
    await uploading(visitor);
    await visitor.reload();
    place.network.releaseUploads();
    await visitor.page.locator('.unfinished', { hasText: 'apple.jpg books.jpg coffee.jpg' }).waitFor();
    await click(visitor, '.go-on');
    await visitor.page.locator('li', { hasText: 'missing' }).first().waitFor();
    expect((await photos(visitor)).filter((text) => text.endsWith('missing'))).toHaveLength(2);
    expect(await visitor.page.locator('.unfinished').count()).toBe(0);
    await visitor.pick([STRANGER]);
    await click(visitor, '#apply');
    await visitor.page.locator('.unmatched', { hasText: 'facade.jpg is none of the photos of this job' }).waitFor();
    await visitor.pick(PHOTOS);
    await click(visitor, '#apply');
    await endsDone(visitor);
    await neverBack(visitor);
    expect(creates()).toBe(1);
  });

  test('a reload, and what was left is ended: its slot and its credits are there for other photos', async () => {
    const visitor = await place.visit(0, '/react');
    await uploading(visitor);
    await visitor.reload();
    place.network.releaseUploads();
    await click(visitor, '.discard');
    await visitor.page.locator('.unfinished').waitFor({ state: 'detached' });
    await visitor.pick([STRANGER]);
    await click(visitor, '#apply');
    await endsDone(visitor, 1);
    expect(creates()).toBe(2);
  });

  test('a second tab takes nothing from an upload that goes on in the first', async () => {
    const visitor = await place.visit(0, '/react');
    await uploading(visitor);
    const other = await visitor.context.newPage();
    const asked = other.waitForResponse((response) => response.url().includes('presets.list'));
    await other.goto(visitor.page.url());
    await other.locator('#apply').waitFor();
    await other.evaluate(
      (api) => fetch(`${api}/trpc/presets.list`),
      new URL(visitor.page.url()).searchParams.get('api'),
    );
    await asked;
    expect(await other.locator('.unfinished').count()).toBe(0);
    place.network.releaseUploads();
    await endsDone(visitor);
    expect(creates()).toBe(1);
  });
});
