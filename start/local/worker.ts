/** The Worker under `wrangler dev`, and its local D1. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashOf } from '../freshness.ts';
import { fromRoot, GENERATED, WRANGLER } from '../paths.ts';
import type { Child, Children } from './children.ts';
import type { LocalConfig } from './config.ts';

export type Health = { status: number; body: unknown };

/** How long wrangler may take until /health answers, in milliseconds: about 2 s on a quiet machine. */
const START_TIMEOUT = 60_000;
/** How long it may go on after a line that says ERROR: some are about a connection that broke, and it starts all the same. */
const ERROR_GRACE = 15_000;

/** wrangler without telemetry, banner, look-ups on the internet or traces in the home folder. */
function wranglerEnv(config: LocalConfig): NodeJS.ProcessEnv {
  const folder = path.dirname(config.file);
  // NODE_ENV would decide whether the Worker takes itself for a production one.
  const { CLOUDFLARE_ENV: _, NODE_ENV: __, ...inherited } = process.env;
  return {
    ...inherited,
    CI: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG_PATH: path.join(folder, 'logs'),
    WRANGLER_REGISTRY_PATH: path.join(folder, 'registry'),
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_SEND_METRICS: 'false',
  };
}

/**
 * Brings the local database up to date. A database that has all the migrations is left alone, and a new one starts as a copy of
 * one that was migrated before: wrangler needs about three seconds to apply them.
 */
export async function applyMigrations(children: Children, config: LocalConfig, persistTo: string): Promise<void> {
  const folder = path.join(persistTo, 'v3', 'd1');
  const stamp = path.join(folder, '.s3-migrations');
  const hash = hashOf([config.migrations, fromRoot('wrangler.toml')]);
  const migrated = path.join(GENERATED, 'cache', `d1-${hash}`);
  const isNew = !existsSync(folder);
  if (isNew && existsSync(migrated)) cpSync(migrated, folder, { recursive: true });
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;

  const args = [
    'd1',
    'migrations',
    'apply',
    config.database,
    '--local',
    '--persist-to',
    persistTo,
    '--config',
    config.file,
  ];
  const child = children.start('migrations', process.execPath, [WRANGLER, ...args], wranglerEnv(config));
  const { code, signal } = await child.exited;
  if (code !== 0) throw new Error(`the D1 migrations failed: wrangler ended with ${code ?? signal}`);
  writeFileSync(stamp, hash);
  if (isNew) keepCopy(folder, migrated);
}

function keepCopy(folder: string, copy: string): void {
  const draft = `${copy}.${process.pid}`;
  cpSync(folder, draft, { recursive: true });
  try {
    renameSync(draft, copy);
  } catch {
    // Another stack has just put its own there.
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Starts `wrangler dev` and waits until /health answers. */
export async function startWorker(
  children: Children,
  config: LocalConfig,
  options: { port: number; persistTo: string; baseUrl: string },
): Promise<{ pid: number; health: Health; ended: Promise<string> }> {
  const args = ['dev', '--config', config.file, '--ip', '127.0.0.1', '--port', String(options.port)];
  args.push('--inspector-port', '0', '--persist-to', options.persistTo, '--show-interactive-dev-session=false');
  const child = children.start('worker', process.execPath, [WRANGLER, ...args], wranglerEnv(config));
  const ended = child.exited.then(({ code, signal }) => `wrangler ended with ${code ?? signal}`);
  return { pid: child.pid, health: await untilHealthy(child, ended, options.baseUrl), ended };
}

async function untilHealthy(child: Child, ended: Promise<string>, baseUrl: string): Promise<Health> {
  let broken: string | undefined;
  let suspect: { line: string; since: number } | undefined;
  child.onLine((line) => {
    if (line.includes('Build failed')) broken ??= line.trim();
    else if (line.includes('[ERROR]')) suspect ??= { line: line.trim(), since: Date.now() };
  });
  void ended.then((reason) => {
    broken ??= suspect?.line ?? reason;
  });
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    const health = await askHealth(baseUrl);
    if (health) return health;
    if (suspect !== undefined && Date.now() > suspect.since + ERROR_GRACE) broken ??= suspect.line;
    if (broken !== undefined) {
      // The lines that explain an error follow it.
      await sleep(500);
      throw new Error(`the Worker did not start: ${broken}`);
    }
    await sleep(100);
  }
  throw new Error(`the Worker did not answer ${baseUrl}/health within ${START_TIMEOUT / 1000} s`);
}

/** What /health answers, or undefined while nothing that speaks JSON does. */
async function askHealth(baseUrl: string): Promise<Health | undefined> {
  try {
    const response = await fetch(`${baseUrl}/health`, { signal: AbortSignal.timeout(5000) });
    return { status: response.status, body: await response.json() };
  } catch {
    return undefined;
  }
}
