/** The steps of the way as its user takes them, by what stands on the buttons. In English. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { unzip, type ZipEntry } from './zip.ts';

/** What a page takes a moment for, on a busy machine. */
export const SOON = { timeout: 20_000 };
/** Milliseconds that an album may be worked on on a busy machine. */
export const WORK = { timeout: 120_000 };

export async function pick(page: Page, files: readonly string[]): Promise<void> {
  await page.getByTestId('pick-photos').setInputFiles([...files]);
  await page.getByRole('button', { name: 'Choose what to change' }).click();
}

/** A colour for the walls. */
export async function choose(page: Page, colour: string): Promise<void> {
  const change = page.getByRole('region', { name: 'Change', exact: true });
  const wall = change.getByRole('button', { name: 'Wall', exact: true });
  if ((await wall.getAttribute('aria-pressed')) === 'false') await wall.click();
  await change.getByRole('radio', { name: colour }).click();
}

export async function apply(page: Page, count: number): Promise<void> {
  await page.getByRole('button', { name: `Apply to ${count} photos` }).click();
}

/** Until the work has ended, and on to the review. */
export async function review(page: Page): Promise<void> {
  await ended(page);
  await page.getByRole('button', { name: 'Review them' }).click();
  await page.getByRole('slider').waitFor();
}

export const ended = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'Your photos are done' }).waitFor(WORK);

export interface SavedSet {
  name: string;
  entries: ZipEntry[];
}

/** The set as it lies on the disk: every picture of it is decoded. */
export async function download(page: Page): Promise<SavedSet & { sizes: Map<string, string> }> {
  const coming = page.waitForEvent('download', WORK);
  await page.getByRole('button', { name: 'Download the set' }).click();
  const file = await coming;
  const entries = unzip(await readFile(await file.path()));
  const sizes = new Map<string, string>();
  for (const { name, data } of entries.filter((entry) => entry.name.endsWith('.jpg'))) {
    const { info } = await sharp(data, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
    sizes.set(name, `${info.width}x${info.height}`);
  }
  return { name: file.suggestedFilename(), entries, sizes };
}
