/** Odd files in a real browser, which hands them over as its system does: by whatever name and type, and folders as if they were files. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startScriptedGpu } from '../../../../client-sdk/test/conformance/scripted-gpu.ts';
import { ftyp, jpeg, OTHER_KINDS, png, segment, tiff } from '../../../../client-sdk/test/files/made.ts';
import { ROOT } from '../support.ts';
import { launchChromium, noChromium } from './chromium.ts';
import { type Around, Place } from './place.ts';
import { serveSite } from './site.ts';
import type { Visit } from './visit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 's3-files-'));
const file = (name: string, data: Uint8Array): string => {
  writeFileSync(path.join(folder, name), data);
  return path.join(folder, name);
};
const copy = (name: string, from: string): string => {
  copyFileSync(path.join(ROOT, from), path.join(folder, name));
  return path.join(folder, name);
};
const APPLE = copy('apple.jpg', 'examples/photos/seller/apple.jpg');
const BOOKS = copy('books.heic', 'examples/photos/seller/books.jpg');
/** By why they are refused; the names say something else where they can. */
const ODD: Record<string, string> = {
  heic: copy('IMG_0001.jpg', 'client-sdk/test/files/photos/IMG_0001.HEIC'),
  animated: copy('three.png', 'client-sdk/test/files/photos/animated.webp'),
  'too-many-pixels': file('wall.jpg', jpeg(9_000, 8_000, [segment(0xe1, Array<number>(60_000).fill(0xff))])),
  avif: file('sea.webp', ftyp('avif')),
  video: file('IMG_0002.MOV', ftyp('qt  ')),
  raw: file('raw.jpg', tiff([254, 0xc612])),
  gif: file('party.gif', OTHER_KINDS.gif?.['89a'] ?? png(1, 1)),
  text: file('notes.png', OTHER_KINDS.text?.korean ?? png(1, 1)),
  empty: file('empty.jpg', new Uint8Array()),
};

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let around: Around;
  let place: Place;
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
    rmSync(folder, { recursive: true, force: true });
  });

  /** The job of the page goes to its end, with two photos done. */
  async function endsWithTwo({ page }: Visit): Promise<void> {
    const running = await page.waitForFunction(
      () => {
        const state = globalThis.app.state();
        return state?.status === 'running' || state?.status === 'queued' ? state.jobId : null;
      },
      null,
      { polling: 50 },
    );
    const jobId = (await running.jsonValue()) ?? '';
    await around.gpu.control.dispatched(jobId);
    for (const idx of [0, 1]) expect(await around.gpu.control.done(jobId, idx)).toBe('accepted');
    const ended = await page.evaluate(() => globalThis.app.ended());
    expect(ended, place.tail).toEqual({ status: 'done', charged: 2, items: ['done', 'done'] });
    expect(place.network.sent.size).toBe(2);
  }

  test('with skip, the two photos of an album go on, and each other file is named with its reason', async () => {
    const visitor = await place.visit();
    await visitor.pick([...Object.values(ODD).slice(0, 4), APPLE, ...Object.values(ODD).slice(4), BOOKS]);
    await visitor.page.evaluate(() => globalThis.app.start('skip'));
    await endsWithTwo(visitor);
    const { refused, photos } = await visitor.page.evaluate(() => globalThis.app.files());
    expect(photos).toEqual([4, 10]);
    const names = Object.values(ODD).map((odd) => path.basename(odd));
    expect(refused.map(({ index, name, reason }) => [index, name, reason])).toEqual(
      Object.keys(ODD).map((reason, at) => [at < 4 ? at : at + 1, names[at], reason]),
    );
  });

  test('without it they are all named at once, and nothing was asked of the server', async () => {
    const visitor = await place.visit();
    await visitor.pick([APPLE, ...Object.values(ODD)]);
    await visitor.page.evaluate(() => globalThis.app.start());
    const ended = await visitor.page.evaluate(() => globalThis.app.ended());
    expect('files' in ended && ended.files?.map(({ reason }) => reason)).toEqual(Object.keys(ODD));
    expect(place.network.calls).toEqual([]);
  });

  test('a folder that is dropped among photos is told by its name, and they go on', async () => {
    const visitor = await place.visit();
    const album = path.join(folder, 'Holiday');
    mkdirSync(album, { recursive: true });
    const session = await visitor.context.newCDPSession(visitor.page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [APPLE, album, BOOKS], dragOperationsMask: 1 };
      await session.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data });
    }
    await visitor.page.waitForFunction(() => globalThis.app.dropped() === 3, null, { polling: 50 });
    await visitor.page.evaluate(() => globalThis.app.start('skip'));
    await endsWithTwo(visitor);
    const { refused, photos } = await visitor.page.evaluate(() => globalThis.app.files());
    expect([photos, refused]).toMatchObject([[0, 2], [{ index: 1, name: 'Holiday', reason: 'folder' }]]);
  });
});
