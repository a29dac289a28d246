/** What only a browser does: it forbids, it keeps no storage, and its files lie on a disk where they change. */
import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { buildClientSdk } from '../../build-if-stale.ts';
import { first } from '../support.ts';
import { type Rules, run, type Visited, visit } from './page.ts';

const PHOTOS = path.resolve(import.meta.dirname, '../../../examples/photos/seller');
const folder = mkdtempSync(path.join(tmpdir(), 's3-page-'));
const copy = (name: string): string => {
  copyFileSync(path.join(PHOTOS, name), path.join(folder, name));
  return path.join(folder, name);
};

/** Chromium tells by the second when a file was written. */
function written(file: string): void {
  writeFileSync(file, 'something else');
  utimesSync(file, new Date(), new Date(Date.now() + 10_000));
}

describe.skipIf(noChromium !== null)(
  `in Chromium${noChromium === null ? '' : `: ${noChromium}`}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let visited: Visited;
    beforeAll(async () => {
      await buildClientSdk();
      browser = await launchChromium();
    }, 120_000);
    afterEach(() => visited?.close());
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function open(rules: Rules = {}, names = ['apple.jpg']): Promise<Visited> {
      visited = await visit(browser, rules);
      await visited.page.setInputFiles('input', names.map(copy));
      return visited;
    }
    const puts = () => visited.api.log.filter((entry) => entry.startsWith('PUT')).length;
    const renewals = () => visited.api.log.filter((entry) => entry === 'jobs.renewUploads').length;

    test('a run on three origins ends done', async () => {
      await open();
      expect(await run(visited)).toMatchObject({ status: 'done', names: ['apple.jpg'] });
    });

    test.each([
      ['the storage', (api: string) => `connect-src 'self' ${api}`, (one: Visited) => one.storageOrigin],
      [
        'the storage by default-src',
        (api: string) => `default-src 'self' 'unsafe-eval' data: ${api}`,
        (one: Visited) => one.storageOrigin,
      ],
      ['the API', (_: string, storage: string) => `connect-src 'self' ${storage}`, (one: Visited) => one.apiOrigin],
    ])('a Content-Security-Policy that forbids %s is told at once, with the directive and the origin that it lacks', async (_, csp, lacking) => {
      await open({ csp });
      const { error, ms } = await run(visited);
      expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: false });
      expect(error.message).toContain(`Content-Security-Policy: connect-src lacks ${lacking(visited)}`);
      expect(ms).toBeLessThan(5_000);
      expect([puts(), renewals(), visited.stored.length]).toEqual([0, 0, 0]);
    });

    test('a bucket whose CORS rule lacks the page is told after one try, and names the rule', async () => {
      await open({ storageCors: false });
      const { error, ms } = await run(visited);
      expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: false, attempts: 1 });
      expect(error.message).toContain('CORS');
      expect(error.message).toContain(new URL(visited.page.url()).origin);
      expect(ms).toBeLessThan(5_000);
      expect([visited.stored.filter((method) => method === 'OPTIONS').length, puts(), renewals()]).toEqual([1, 0, 0]);
    });

    test('an API that does not allow the page is told after one try, and names the setting', async () => {
      await open({ apiCors: false });
      const { error } = await run(visited);
      expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: false, attempts: 1 });
      expect(error.message).toContain('CORS_ORIGINS');
    });

    test('a storage that is not there is the line: nothing is said of CORS, and it is tried again', async () => {
      await open();
      visited.api.faults = [
        first(2, '/storage/', () => {
          throw new Error('cut');
        }),
      ];
      expect(await run(visited)).toMatchObject({ status: 'done' });
    });

    test.each([
      ['changed', written],
      ['removed', (file: string) => rmSync(file)],
    ])('a photo that was %s on the disk after it was picked is named after one try, and the other is there', async (_, act) => {
      await open({}, ['apple.jpg', 'books.jpg']);
      visited.api.onCall = (called) => called === 'jobs.create' && act(path.join(folder, 'apple.jpg'));
      const { error, waiting, ms } = await run(visited);
      expect(error.data.files).toMatchObject([{ index: 0, name: 'apple.jpg', reason: 'changed' }]);
      expect(waiting).toMatchObject([{ missing: [0], unmatched: [{ name: 'apple.jpg', reason: 'changed' }] }]);
      expect(ms).toBeLessThan(5_000);
      expect([...visited.api.stored.keys()].map((key) => key.at(-1))).toEqual(['1']);
    });

    test.each([
      200, 403, 404,
    ])("a proxy's page with %s in place of an answer of the API or the storage ends no run", async (status) => {
      await open({}, ['apple.jpg', 'books.jpg']);
      const page = () => new Response('<!doctype html>', { status, headers: { 'content-type': 'text/html' } });
      visited.api.faults = ['auth.anon', 'jobs.create', 'jobs.execute', 'jobs.get', '/0?'].map((part) =>
        first(1, part, page),
      );
      expect(await run(visited)).toMatchObject({ status: 'done' });
      expect([puts(), visited.api.jobs.size]).toEqual([2, 1]);
    });

    test('a page without an origin of its own has no storage: its user lives in memory, and it is warned once', async () => {
      await open({ csp: () => 'sandbox allow-scripts' });
      expect(await run(visited, 'page')).toMatchObject({ status: 'done' });
      expect(visited.said.filter((text) => text.includes('in memory only'))).toHaveLength(1);
      expect(visited.api.users.size).toBe(1);
    });

    test('a storage that is full is gone on without, with one warning; one with room keeps the user', async () => {
      await open();
      await visited.page.evaluate(() => {
        for (let size = 5_000_000; size >= 1; size = Math.floor(size / 2)) {
          try {
            for (let at = 0; ; at++) localStorage.setItem(`full-${size}-${at}`, 'x'.repeat(size));
          } catch {
            // No room for as much.
          }
        }
      });
      expect(await run(visited, 'page')).toMatchObject({ status: 'done' });
      expect(visited.said.filter((text) => text.includes('in memory only'))).toHaveLength(1);
      await visited.page.evaluate(() => localStorage.clear());
      await run(visited, 'page');
      await run(visited, 'page');
      expect(visited.api.users.size).toBe(2);
    });
  },
);
