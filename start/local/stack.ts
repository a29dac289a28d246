/**
 * The whole system on this machine: the Worker under `wrangler dev` with its objects, D1, R2 and queues, and the reference GPU worker.
 * For `npm run dev`, `npm run demo` and the end-to-end tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endWithCommand } from '../ending.ts';
import { GENERATED } from '../paths.ts';
import { type LocalProvider, startLocalProvider } from '../provider/local.ts';
import { Children, type OnLine } from './children.ts';
import { GENEROUS_LIMITS, LOCAL_S3_PATH, writeLocalConfig } from './config.ts';
import { devVars, type Settings } from './dev-vars.ts';
import { startReferenceGpu } from './gpu-worker.ts';
import { assertPortFree, freePort } from './ports.ts';
import type { Keys } from './s3-signature.ts';
import { type SiteParts, writeSite } from './site.ts';
import { claimState } from './state-claim.ts';
import { openStorageDoor, type StorageDoor } from './storage-door.ts';
import { applyMigrations, type Health, startWorker } from './worker.ts';

export type StackOptions = {
  /** Port of the API on 127.0.0.1; any free one when left out. */
  port?: number;
  /** Folder of the stored state, kept when the stack ends. Left out: a temporary one, which `stop` deletes. */
  persistTo?: string;
  /**
   * `reference` starts examples/gpu-worker. An object names a worker that runs elsewhere. `none` starts nothing: messages go to
   * the port after the API's, where one may be started later.
   */
  gpu?: 'reference' | 'none' | { url: string; apiKey?: string };
  /**
   * So many reference workers behind a provider front that behaves as Runpod does (start/provider), which the Worker then talks to; null, or
   * left out: one reference worker, by itself. With `reference` only.
   */
  gpuWorkers?: number | null;
  /** How the Worker talks to the GPU worker. */
  gpuProvider?: 'http' | 'runpod';
  /** Port of the reference GPU worker; any free one when left out. */
  gpuPort?: number;
  /** Port of the door to the bucket that presigned URLs name (storage-door.ts); any free one when left out. */
  storagePort?: number;
  /**
   * Settings of the Worker by name; they win over .dev.vars, and `null` removes one. Limits on sign-ups, mutations and the day
   * (GENEROUS_LIMITS) are out of the way unless they are set here; `null` gives production's.
   */
  vars?: Record<string, string | null>;
  /** Folders to serve as static files: the built studio at `/`, the built panel at `/panel`; nothing unless told. */
  site?: SiteParts;
  /** All output of the processes is appended here. */
  logFile?: string;
  /** Called for each line that a process prints; `source` is `worker`, `gpu` or `migrations`. */
  onLine?: OnLine;
};

export type Stack = {
  port: number;
  baseUrl: string;
  /** Where messages for the GPU worker go. */
  gpuUrl: string;
  persistTo: string;
  /** Settings and secrets in force, by name: `ADMIN_SECRET`, `GPU_CALLBACK_SECRET`, … */
  secrets: Settings;
  /** The local bucket, as its operator reaches it over the S3 protocol. */
  s3: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  /** Port of the storage door. URLs that were signed before a restart are good after it on the same one. */
  storagePort: number;
  /** What /health answered at the start: 200, or 503 when settings are missing. */
  health: Health;
  pids: { worker: number; gpu: number | null };
  /** Resolves, with the reason in words, when one of the processes ends; never rejects. */
  ended: Promise<string>;
  /** The last lines that the processes printed. */
  tail(): string;
  /** Ends everything in order and deletes what was temporary. */
  stop(): Promise<void>;
  /** SIGKILL to everything, workerd included, as a power cut would. The folder given as `persistTo` can be started again. */
  kill(): Promise<void>;
};

/** Starts a stack and returns when /health answers. What was started ends with this process too, however it ends. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  for (const wanted of [options.port, options.storagePort]) if (wanted) await assertPortFree(wanted);
  const port = options.port || (await freePort());
  const persistTo = options.persistTo ?? mkdtempSync(path.join(tmpdir(), 's3-local-'));
  const temporary = [
    path.join(GENERATED, 'local', String(port)),
    options.persistTo ? claimState(persistTo) : persistTo,
  ];
  const children = new Children(options);
  for (const folder of temporary) children.cleanUp(folder);
  const remove = () => {
    for (const folder of temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  let door: StorageDoor | null = null;
  const provider: { front?: LocalProvider } = {};
  const end = (how: 'stop' | 'kill') => async () => {
    // First, so that no worker which ends is started again.
    const closing = provider.front?.close();
    await children[how]();
    await closing;
    await door?.close();
    remove();
    forget();
  };
  const forget = endWithCommand(end('stop'));
  try {
    const settings = { ...GENEROUS_LIMITS, ...devVars() };
    const given: Record<string, string | null> = { ...settings, ...options.vars };
    door = await openStorageDoor({
      port: options.storagePort ?? 0,
      workerPort: port,
      keys: keysOf(given),
      origins: [`http://127.0.0.1:${port}`, ...(given.CORS_ORIGINS ?? '').split(/[\s,]+/).filter(Boolean)],
    });
    const up = await bringUp(options, settings, { port, storagePort: door.port }, persistTo, { children, provider });
    return { ...up, stop: end('stop'), kill: end('kill') };
  } catch (error) {
    const tail = children.tail();
    await end('kill')();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(tail ? `${reason}\n\nThe last lines before that:\n${tail}` : reason, { cause: error });
  }
}

async function bringUp(
  options: StackOptions,
  settings: Settings,
  { port, storagePort }: Pick<Stack, 'port' | 'storagePort'>,
  persistTo: string,
  { children, provider }: { children: Children; provider: { front?: LocalProvider } },
): Promise<Omit<Stack, 'stop' | 'kill'>> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const apiKey = settings.GPU_API_KEY || crypto.randomUUID();
  const gpu = await startGpu(options, port, apiKey, children);
  if (gpu.front) provider.front = gpu.front;
  const s3Endpoint = `http://127.0.0.1:${storagePort}${LOCAL_S3_PATH}`;
  const all = {
    ...settings,
    PUBLIC_BASE_URL: baseUrl,
    R2_S3_ENDPOINT: s3Endpoint,
    GPU_PROVIDER: gpu.front ? 'runpod' : (options.gpuProvider ?? 'http'),
    GPU_URL: gpu.url,
    GPU_API_KEY: gpu.apiKey,
    ...options.vars,
  };
  const folder = path.join(GENERATED, 'local', String(port));
  const parts = options.site ?? { studio: null, panel: null };
  const site = writeSite(path.join(folder, 'site'), parts, new URL(s3Endpoint).origin);
  const config = await writeLocalConfig(folder, all, site);
  await applyMigrations(children, config, persistTo);
  const worker = await startWorker(children, config, { port, persistTo, baseUrl });
  const secrets = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  return {
    port,
    baseUrl,
    storagePort,
    gpuUrl: gpu.url,
    persistTo,
    secrets,
    s3: {
      endpoint: s3Endpoint,
      bucket: secrets.R2_BUCKET_NAME ?? 's3-images',
      ...keysOf(secrets),
    },
    health: worker.health,
    pids: { worker: worker.pid, gpu: gpu.pid },
    ended: Promise.race([worker.ended, ...(gpu.ended ? [gpu.ended] : [])]),
    tail: () => children.tail(),
  };
}

const keysOf = (settings: Record<string, string | null>): Keys => ({
  accessKeyId: settings.R2_ACCESS_KEY_ID ?? '',
  secretAccessKey: settings.R2_SECRET_ACCESS_KEY ?? '',
});

async function startGpu(
  options: StackOptions,
  port: number,
  apiKey: string,
  children: Children,
): Promise<{ url: string; apiKey: string; pid: number | null; ended?: Promise<string>; front?: LocalProvider }> {
  const gpu = options.gpu ?? 'reference';
  if (gpu === 'none') return { url: `http://127.0.0.1:${port + 1}`, apiKey, pid: null };
  if (gpu !== 'reference') return { url: gpu.url, apiKey: gpu.apiKey ?? apiKey, pid: null };
  if (options.gpuWorkers) {
    const workers = options.gpuWorkers;
    const front = await startLocalProvider(children, { workers, apiKey, port: options.gpuPort ?? 0 });
    return { url: front.url, apiKey, pid: null, front };
  }
  const started = await startReferenceGpu(children, { port: options.gpuPort ?? 0, apiKey });
  return { ...started, apiKey };
}
