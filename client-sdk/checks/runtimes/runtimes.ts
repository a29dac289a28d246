/** How the suite is run in each runtime. Each yields what became of its cases, and throws if the runtime itself fails. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { launchChromium, noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { atExit } from '../../../start/ending.ts';
import { bundle } from './bundle.ts';
import { programOf } from './programs.ts';
import type { Target, Told } from './suite.ts';

export type Runtime = {
  name: string;
  /** Why it can't be had here; null if it can. */
  missing: string | null;
  run(target: Target, tell: (told: Told) => void): Promise<void>;
};

/** Milliseconds that one runtime may take for the whole suite. */
const SUITE_MS = 5 * 60_000;

export function runtimes(origin: number): Runtime[] {
  const none = `no package for ${process.platform}-${process.arch}`;
  const program = (name: string, file: string | null, args: string[]): Runtime => ({
    name,
    missing: file === null ? none : null,
    run: async (target, tell) => runProgram(file ?? '', [...args, await bundle('process')], target, tell),
  });
  return [
    program('Node 20', programOf('node20'), []),
    program(`Node ${process.versions.node.split('.')[0]}`, process.execPath, []),
    program('Bun', programOf('bun'), ['run']),
    program('Deno', programOf('deno'), ['run', '--allow-net', '--allow-env', '--no-config', '--no-lock']),
    { name: 'workerd', missing: null, run: runWorkerd },
    { name: 'Chromium', missing: noChromium, run: (target, tell) => runChromium(origin, target, tell) },
  ];
}

async function runProgram(file: string, args: string[], target: Target, tell: (told: Told) => void): Promise<void> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(file, [...args, JSON.stringify(target)], {
    env: { ...env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SUITE_MS,
    killSignal: 'SIGKILL',
  });
  const forget = atExit(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? '' : `it ended with ${code ?? signal}: ${errors.trim()}`),
    );
  });
  for await (const line of createInterface({ input: child.stdout })) tell(JSON.parse(line));
  const why = await ended;
  forget();
  if (why !== '') throw new Error(why);
}

async function runWorkerd(target: Target, tell: (told: Told) => void): Promise<void> {
  const script = readFileSync(await bundle('worker'), 'utf8');
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      name: 'suite',
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: script }],
      compatibilityDate: '2026-10-01',
      log: new Log(LogLevel.NONE),
    }),
  );
  try {
    const body = JSON.stringify(target);
    const answer = await worker.dispatchFetch('http://suite.test/', {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(SUITE_MS),
    });
    for (const line of (await answer.text()).split('\n')) if (line !== '') tell(JSON.parse(line));
  } finally {
    await worker.dispose();
  }
}

/** The page comes from an origin of its own, so that all of CORS takes part. */
async function runChromium(port: number, target: Target, tell: (told: Told) => void): Promise<void> {
  const script = readFileSync(await bundle('page'), 'utf8');
  const site = createServer((_, response) => {
    const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => site.listen(port, '127.0.0.1', resolve));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(SUITE_MS);
    await page.exposeFunction('tell', tell);
    await page.goto(`http://localhost:${port}/`);
    await page.waitForFunction(() => 'suite' in globalThis);
    await page.evaluate((to) => globalThis.suite(to), target);
  } catch (error) {
    // Playwright adds all that the browser ever logged.
    throw new Error(error instanceof Error ? error.message.split('\n')[0] : String(error));
  } finally {
    await browser.close();
    site.close();
    site.closeAllConnections();
  }
}
