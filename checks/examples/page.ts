/** One visit of a page: an album in, Apply clicked twice, and every result saved under its photo's name. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { fromRoot } from '../../start/paths.ts';
import type { Around } from './around.ts';
import { addressOf, folderOf } from './install.ts';

const PHOTOS = ['house.jpg', 'plant-and-wallpaper.jpg'];
const NO_PHOTO = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a photo') };
/** Milliseconds that a server may take to come up, and an album to be done on a busy machine. */
const PATIENCE = 120_000;

/** @param args of the app's `npm start`, for the port that it is to serve on */
export function usePage(name: string, args: (port: number) => string[]) {
  return async (around: Around, problems: string[]): Promise<string> => {
    const server = await serve(name, args(around.port), around);
    const page = await around.browser.newPage({ viewport: { width: 800, height: 900 } });
    try {
      return await visit(page, name, around, problems);
    } finally {
      await page.close();
      await server.stop();
    }
  };
}

async function visit(page: Page, name: string, { port, pictures }: Around, problems: string[]): Promise<string> {
  page.on('pageerror', (error) => problems.push(`the page threw: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`the console says: ${message.text()}`);
  });
  let created = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('jobs.create')) created += 1;
  });
  await page.goto(`http://localhost:${port}/`, { waitUntil: 'load' });
  const apply = page.getByRole('button', { name: 'Apply' });
  if (await apply.isEnabled()) problems.push('Apply can be clicked before there are photos');
  const files = PHOTOS.map((file) => fromRoot('examples', 'photos', 'interior', file));
  await page.getByLabel('Photos').setInputFiles(files);
  await picked(apply);
  await apply.dblclick();
  const saves = page.getByRole('link', { name: 'Save' });
  await saves.nth(PHOTOS.length - 1).waitFor({ timeout: PATIENCE });
  if (created !== 1) problems.push(`two clicks made ${created} jobs`);
  const previews = page.locator('li img');
  await previews.nth(PHOTOS.length - 1).waitFor({ timeout: PATIENCE });
  if (pictures !== null) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  const saved: string[] = [];
  for (const link of await saves.all()) {
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: PATIENCE }), link.click()]);
    saved.push(download.suggestedFilename());
  }
  const expected = PHOTOS.toSorted().join(', ');
  if (saved.toSorted().join(', ') !== expected) problems.push(`saved as ${saved.join(', ')}, not ${expected}`);
  await leftOut(page, problems);
  if (name === 'vite-react') await leftBehind(page, problems);
  return `one job of two clicks, saved: ${saved.join(', ')}`;
}

/** Frameworks render in their own time; Playwright clicks no button that is disabled. */
async function picked(apply: Locator): Promise<void> {
  await apply.click({ trial: true, timeout: PATIENCE });
}

/** A file that is no photo is named, and stops nothing: said once the album with it was tried. */
async function leftOut(page: Page, problems: string[]): Promise<void> {
  await page.getByLabel('Photos').setInputFiles([NO_PHOTO]);
  const apply = page.getByRole('button', { name: 'Apply' });
  await picked(apply);
  await apply.click();
  const alert = page.getByRole('alert').filter({ hasText: NO_PHOTO.name });
  await alert
    .first()
    .waitFor({ timeout: PATIENCE })
    .catch(() => problems.push(`nothing says of ${NO_PHOTO.name} why it is left out`));
}

/** A reload in the middle of an upload, and other photos: the page says what is in their way, and gives the way on. */
async function leftBehind(page: Page, problems: string[]): Promise<void> {
  const photos = page.getByLabel('Photos');
  const apply = page.getByRole('button', { name: 'Apply' });
  const [left, other] = PHOTOS.map((file) => fromRoot('examples', 'photos', 'interior', file));
  // That the slot is taken is no error of the page's, but the console says it of each refusal.
  page.removeAllListeners('console');
  await page.locator('progress').waitFor({ state: 'detached', timeout: PATIENCE });
  await page.reload({ waitUntil: 'load' });
  await page.route(isUpload, () => {});
  const uploading = page.waitForRequest((request) => request.method() === 'PUT', { timeout: PATIENCE });
  await photos.setInputFiles([left ?? '']);
  await picked(apply);
  await apply.click();
  await uploading;
  await page.reload({ waitUntil: 'load' });
  await page.unroute(isUpload);
  const discard = page.getByRole('button', { name: 'Discard' });
  await discard.waitFor({ timeout: PATIENCE });
  await photos.setInputFiles([other ?? '']);
  await picked(apply);
  await apply.click();
  await page.getByRole('alert').filter({ hasText: 'or discard one' }).waitFor({ timeout: PATIENCE });
  await discard.click();
  await discard.waitFor({ state: 'detached', timeout: PATIENCE });
  await apply.click();
  await page
    .getByRole('link', { name: 'Save' })
    .waitFor({ timeout: PATIENCE })
    .catch(() => problems.push('what a reload left can not be discarded for other photos'));
}
/** Storage stands on another port than the API. */
const isUpload = (url: URL): boolean => url.searchParams.has('X-Amz-Signature') && url.pathname.includes('/inputs/');

async function serve(name: string, args: string[], { baseUrl, port }: Around): Promise<{ stop(): Promise<void> }> {
  const child = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: folderOf(name),
    env: addressOf(baseUrl),
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm does not pass every signal on: the whole group is ended.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  const until = Date.now() + PATIENCE;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`npm start serves nothing on ${port}:\n${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { stop };
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://localhost:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );
