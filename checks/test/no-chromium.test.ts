/** `npm test` where there is no Chromium: it says what was skipped for want of it, and the one command that brings it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { bringChromium } from '../../server/test/e2e/browser/chromium.ts';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { fromRoot } from '../../start/paths.ts';

const PLAYWRIGHTS = 'npx playwright-core install chromium';

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder('s3-test-');
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => folder.remove());

test('its last lines name what is missing, how to get it, and how many were skipped', {
  timeout: 120_000,
}, async () => {
  const { CHROMIUM: _, ...env } = process.env;
  const child = spawn(process.execPath, [fromRoot('checks', 'test.ts'), 'server/test/e2e/browser'], {
    env: { ...env, PATH: folder.path, PLAYWRIGHT_BROWSERS_PATH: folder.path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const output = text(child.stdout);
  expect(await once(child, 'close')).toEqual([0, null]);
  const [hint, count] = (await output).trimEnd().split('\n').slice(-2);
  expect(hint).toBe(`The tests in a browser were skipped: there is no Chromium. This brings it:  ${PLAYWRIGHTS}`);
  expect(count).toMatch(/^0 passed, 0 failed, [1-9]\d* skipped$/);
});

test('Debian has it as a package of its own', () => {
  vi.stubEnv('PATH', folder.path);
  expect(bringChromium()).toBe(PLAYWRIGHTS);
  writeFileSync(path.join(folder.path, 'apt-get'), '');
  expect(bringChromium()).toMatch(/^(sudo )?apt-get install -y --no-install-recommends chromium$/);
});
