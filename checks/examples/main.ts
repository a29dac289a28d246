/**
 * `npm run examples [-- --only NAME]`: installs each app of examples/apps with the client as it would be published, builds it, and uses it
 * as a person would, against the whole system on this machine: an album in, a set out. `--pictures FOLDER` keeps how the pages looked.
 */
import { mkdirSync } from 'node:fs';
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';
import { bringChromium, launchChromium, noChromium } from '../../server/test/e2e/browser/chromium.ts';
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { freePort } from '../../start/local/ports.ts';
import { startStack } from '../../start/local/stack.ts';
import { oneOf, optionsGiven, text } from '../../start/options.ts';
import { APPS, type App } from './apps.ts';
import type { Around } from './around.ts';
import { build, install } from './install.ts';

const names = APPS.map(({ name }) => name);
const { only, pictures } = optionsGiven({ only: oneOf(names, null), pictures: text(null) });
const chosen = APPS.filter(({ name }) => only === null || only === name);
if (noChromium !== null) {
  console.error(`✘ ${noChromium}: ${bringChromium()}`);
  process.exit(1);
}
endInOrderWhenInterrupted();
if (pictures !== null) mkdirSync(pictures, { recursive: true });

await buildClientSdk();
const port = await freePort();
const stack = await startStack({ vars: { CORS_ORIGINS: `http://localhost:${port}` } });
const browser = await launchChromium();
const around: Around = { baseUrl: stack.baseUrl, port, browser, pictures };
let failed = 0;
try {
  for (const app of chosen) failed += (await tried(app)) ? 0 : 1;
} finally {
  await browser.close();
  await stack.stop();
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function tried(app: App): Promise<boolean> {
  const started = performance.now();
  const problems: string[] = [];
  let told = '';
  try {
    await install(app.name);
    await build(app.name, around.baseUrl);
    told = await app.use(around, problems);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${problems.length === 0 ? '✔' : '✘'} ${app.name} (${seconds} s) ${told}`);
  for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
  return problems.length === 0;
}
