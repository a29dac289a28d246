/**
 * Colours of results as another decoder sees them, the browser's: the GPU worker and the demo read photos with the same library, and a
 * photo that it reads wrong would look right to both.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processPhoto } from '../../examples/gpu-worker/src/photo/process.ts';
import { launchChromium, noChromium } from '../../server/test/e2e/browser/chromium.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../examples/gpu-worker/test/fixtures/${name}`, import.meta.url));

/** 8-bit RGBA in sRGB, row by row. */
type Seen = { width: number; height: number; rgba: Uint8Array };

/** Runs in the page. */
const LOOK = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace: 'srgb' });
  context.drawImage(image, 0, 0);
  return { width, height, rgba: [...context.getImageData(0, 0, width, height).data] };
}`;

/** Largest difference of a channel over the pixels that are named, 0..255. */
function largest(a: Seen, b: Seen, counts: (i: number) => boolean): number {
  expect([b.width, b.height]).toEqual([a.width, a.height]);
  let most = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    if (!counts(i)) continue;
    for (let c = 4 * i; c < 4 * i + 4; c++) most = Math.max(most, Math.abs(a.rgba[c]! - b.rgba[c]!));
  }
  return most;
}

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  const see = async (file: Uint8Array): Promise<Seen> => {
    const { width, height, rgba } = await page.evaluate<{ width: number; height: number; rgba: number[] }>(
      `(${LOOK})('${Buffer.from(file).toString('base64')}')`,
    );
    return { width, height, rgba: Uint8Array.from(rgba) };
  };

  const resultOf = async (bytes: Buffer) => {
    const { painted, masks, error } = await processPhoto({
      idx: 0,
      bytes,
      preset: 'seller',
      concepts: { Body: { action: 'recolor', value: '#B0305C' } },
      protect: [],
      outputType: 'image/png',
    });
    expect(error).toBeNull();
    return { seen: await see(painted!.result), body: await see(masks.Body!) };
  };

  test('a 16-bit photo with a profile comes out in the colours that the browser sees in it, and like its 8-bit twin', async () => {
    const [deep, twin] = [fixture('16bit-srgb-profile.png'), fixture('8bit-srgb-profile.png')];
    const [given, reference] = [await see(deep), await see(twin)];
    expect(largest(given, reference, () => true)).toBeLessThanOrEqual(1);
    const { seen, body } = await resultOf(deep);
    const left = (i: number): boolean => body.rgba[4 * i] === 0;
    expect(largest(given, seen, left)).toBeLessThanOrEqual(2);
    expect(largest(reference, seen, left)).toBeLessThanOrEqual(2);
    expect(largest((await resultOf(twin)).seen, seen, () => true)).toBeLessThanOrEqual(2);
  });

  test('a JPEG without its end comes out as the browser sees it', async () => {
    const file = fixture('jug.jpg');
    const { seen, body } = await resultOf(file);
    const whole = Buffer.concat([file, Buffer.from([0xff, 0xd9])]);
    expect(largest(await see(whole), seen, (i) => body.rgba[4 * i] === 0)).toBeLessThanOrEqual(4);
  });
});
