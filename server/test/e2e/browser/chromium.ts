/** Debian's Chromium, where there is one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** CHROMIUM names another one. */
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why tests in a browser can't run here; null if they can. */
export const noChromium: string | null = existsSync(PROGRAM) ? null : `there is no ${PROGRAM}`;

/** Playwright gives each a fresh folder for its data. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: PROGRAM,
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
