/** Pictures of the page where a test has come to, for `PICTURES=FOLDER npm run test:studio`; without that nothing is done. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

const { PICTURES } = process.env;
/** Bytes that one may have. */
const MOST = 150_000;

/** In the width that the page has now, with a name that says both. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  const shot = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  mkdirSync(PICTURES, { recursive: true });
  for (let quality = 80; quality > 20; quality -= 10) {
    const small = await sharp(shot).webp({ quality }).toBuffer();
    if (small.length > MOST) continue;
    writeFileSync(path.join(PICTURES, `${name}-${page.viewportSize()?.width}.webp`), small);
    return;
  }
  throw new Error(`a picture of ${name} has more than ${MOST} bytes`);
}
