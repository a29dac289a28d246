/** The machine's own Chromium, where there is one. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** By the names that systems give it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** CHROMIUM names another one. */
const program = process.env.CHROMIUM ?? onPath(NAMES) ?? chromium.executablePath();

/** Why tests in a browser can't run here; null if they can. */
export const noChromium: string | null = existsSync(program) ? null : 'there is no Chromium';

/** The one command that brings it, on Debian and its kin by their own package, elsewhere by Playwright's. */
export function bringChromium(): string {
  if (onPath(['apt-get']) === null) return 'npx playwright-core install chromium';
  return `${process.getuid?.() === 0 ? '' : 'sudo '}apt-get install -y --no-install-recommends chromium`;
}

function onPath(names: string[]): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Playwright gives each a fresh folder for its data. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
