/**
 * The production bundle on this machine: what `wrangler deploy` would upload, in bare workerd through Miniflare, without the proxy
 * that `wrangler dev` puts before it. With D1 (migrated), R2 with its S3 endpoint, both queues with their consumers, and both objects.
 * For bench, cost, attacks and fuzzing.
 *
 *     const production = await startProduction({ vars: { GPU_URL: 'http://127.0.0.1:9999' }, onLog: (line) => … });
 *     await fetch(`${production.url}/health`);
 *     const db = await production.mf.getD1Database('DB');       // also getR2Bucket('R2'), getQueueProducer('GPU_QUEUE')
 *     const sql = await production.objectStorage('USER_LIMITER', { name: userId });   // sql.exec('SELECT * FROM account')
 *     await production.evict('JOB_COORDINATOR', { id: jobId });
 *     await production.stop();
 *
 * Presigned URLs point to `production.s3.endpoint`, which this same port serves with real SigV4 checks, or a door before it (`door`). Secrets and settings are
 * those of PRODUCTION_VARS unless `vars` says otherwise. Limits on sign-ups, mutations and the day are out of the way; `null` for
 * one of GENEROUS_LIMITS gives production's. Settings that shorten deadlines are given the same way, by name.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { convertV4MiniflareOptions, type DurableObjectStorageHandle, Log, LogLevel, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from 'wrangler';
import { temporaryFolder } from '../ending.ts';
import { fromRoot, GENERATED } from '../paths.ts';
import { bundleForProduction, type ProductionBundle } from '../production-bundle.ts';
import { GENEROUS_LIMITS, LOCAL_S3_PATH, writeLocalConfig } from './config.ts';
import { assertPortFree, freePort } from './ports.ts';
import { openStorageDoor } from './storage-door.ts';

/** Obviously fake, and as long as production demands. GPU_URL leads to a port where nothing listens. */
export const PRODUCTION_VARS = {
  JWT_SECRET: 'local-production-jwt-secret-for-tests-only',
  GPU_CALLBACK_SECRET: 'local-production-callback-secret-for-tests-only',
  ADMIN_SECRET: 'local-production-admin-secret-for-tests-only',
  R2_ACCOUNT_ID: 'local',
  R2_ACCESS_KEY_ID: 'local-production-access-key',
  R2_SECRET_ACCESS_KEY: 'local-production-r2-secret-for-tests-only',
  R2_BUCKET_NAME: 's3-images',
  GPU_PROVIDER: 'http',
  GPU_URL: 'http://127.0.0.1:9',
  GPU_API_KEY: 'local-production-gpu-key-for-tests-only',
  CORS_ORIGINS: 'https://app.test',
  ...GENEROUS_LIMITS,
} as const;

export type ProductionOptions = {
  /** Settings and secrets by name; they win over PRODUCTION_VARS, and `null` removes one. */
  vars?: Record<string, string | null>;
  /** Port on 127.0.0.1; any free one when left out. */
  port?: number;
  /** Whether presigned URLs name the storage door, which refuses what R2 refuses, instead of the simulator; off unless told. */
  door?: boolean;
  /** Folder of the stored state, kept when it stops. Left out: a temporary one, which `stop` deletes. */
  persistTo?: string;
  /** Called for each line that the Worker or the runtime prints. */
  onLog?: (line: string) => void;
  /** Another module to bundle and run in the Worker's place, from the root: see bundleForProduction. */
  entry?: string;
  /** An earlier release to run in the Worker's place: one of server/test/releases. */
  release?: string;
  /** Has the last word on what Miniflare is given for the Worker. */
  adjust?: ((worker: WorkerOptions) => WorkerOptions) | undefined;
  /** Whether `objectStorage` works; on unless told. It puts code of Miniflare's own around the objects, so not for measuring. */
  inspect?: boolean;
  /** What `entry` needs beside the Worker's own files, from the root. */
  besides?: readonly string[];
};

type WorkerOptions = Awaited<ReturnType<typeof workerOptions>>['worker'];

export type ObjectClass = 'USER_LIMITER' | 'JOB_COORDINATOR';
export type ObjectRef = { name: string } | { id: string };

export type Production = {
  url: string;
  port: number;
  /** Bindings from outside: getD1Database, getR2Bucket, getQueueProducer, getDurableObjectNamespace. */
  mf: Miniflare;
  bundle: ProductionBundle;
  /** Settings and secrets in force, by name. */
  vars: Record<string, string>;
  /** The bucket, as its operator reaches it over the S3 protocol. */
  s3: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  /** Every line so far, in order. The Worker's own are one JSON object each. */
  logs: string[];
  /** SQL inside an object, for looking; it wakes the object, and makes one that never was. */
  objectStorage(binding: ObjectClass, object: ObjectRef): Promise<DurableObjectStorageHandle>;
  /** Ids of the objects that were ever written. */
  objectIds(binding: ObjectClass): Promise<string[]>;
  /** Throws an object out of memory if it is there; its storage stays, and its sockets hibernate. */
  evict(binding: ObjectClass, object: ObjectRef): Promise<void>;
  /** Ends it and deletes what was temporary. */
  stop(): Promise<void>;
};

const CLASSES = { USER_LIMITER: 'UserLimiterDO', JOB_COORDINATOR: 'JobCoordinatorDO' } as const;

/** Bundles, starts, migrates D1 and returns when requests are taken. What was started ends with this process too. */
export async function startProduction(options: ProductionOptions = {}): Promise<Production> {
  try {
    return await start(options);
  } catch (error) {
    // Somebody else took the port between its choice and its use.
    if (options.port || !String(error).includes('Address already in use')) throw error;
    return start(options);
  }
}

async function start(options: ProductionOptions): Promise<Production> {
  if (options.port) await assertPortFree(options.port);
  const port = options.port || (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const bundle =
    options.release === undefined
      ? await bundleForProduction(options.entry, options.besides)
      : keptRelease(options.release);
  const door = options.door ? await doorBefore(port, options.vars) : null;
  const endpoint = `${door === null ? url : `http://127.0.0.1:${door.port}`}${LOCAL_S3_PATH}`;
  const given = { ...PRODUCTION_VARS, PUBLIC_BASE_URL: url, R2_S3_ENDPOINT: endpoint, ...options.vars };
  const vars = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const temporary = options.persistTo === undefined ? temporaryFolder('s3-production-') : null;
  const persistTo = options.persistTo ?? temporary?.path ?? '';
  const logs: string[] = [];
  const onLog = (line: string) => {
    logs.push(line);
    options.onLog?.(line);
  };
  const { worker, name } = await workerOptions(port, given, bundle);
  const inspect = options.inspect ?? true;
  const mf = new Miniflare(
    bareWorkerd({ port, persistTo, inspect, onLog, worker: options.adjust?.(worker) ?? worker }),
  );
  const stop = async () => {
    await door?.close();
    await mf.dispose();
    temporary?.remove();
  };
  try {
    await mf.ready;
    await migrate(mf);
  } catch (error) {
    await stop();
    throw error;
  }
  const { R2_BUCKET_NAME: bucket = '', R2_ACCESS_KEY_ID: accessKeyId = '', R2_SECRET_ACCESS_KEY = '' } = vars;
  return {
    url,
    port,
    mf,
    bundle,
    vars,
    s3: { endpoint, bucket, accessKeyId, secretAccessKey: R2_SECRET_ACCESS_KEY },
    logs,
    objectStorage: (binding, object) => mf.unsafeGetDurableObjectStorage(name, CLASSES[binding], object),
    objectIds: (binding) => mf.listDurableObjectIds(binding),
    evict: (binding, object) => evict(mf, name, CLASSES[binding], object),
    stop,
  };
}

type Bare = { port: number; persistTo: string; inspect: boolean; worker: WorkerOptions; onLog(line: string): void };

/** One Worker on loopback, without the proxy of `wrangler dev`, and with nothing that calls home. */
const bareWorkerd = ({ port, persistTo, inspect, worker, onLog }: Bare) =>
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    cf: false,
    resourcePersistencePath: path.join(persistTo, 'v3'),
    log: new Log(LogLevel.NONE),
    telemetry: { enabled: false },
    logRequests: false,
    unsafeInspectDurableObjects: inspect,
    handleStructuredLogs: ({ message }) => onLog(message),
    workers: [worker],
  });

/** The bucket's own door, which is as strict as R2. */
function doorBefore(workerPort: number, vars: ProductionOptions['vars']) {
  const { R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY } = { ...PRODUCTION_VARS, ...vars };
  const keys = { accessKeyId: R2_ACCESS_KEY_ID ?? '', secretAccessKey: R2_SECRET_ACCESS_KEY ?? '' };
  return openStorageDoor({ port: 0, workerPort, keys, origins: [] });
}

async function evict(mf: Miniflare, worker: string, className: string, object: ObjectRef): Promise<void> {
  try {
    await mf.unsafeEvictDurableObject(worker, className, { ...object, webSockets: 'hibernate' });
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('not currently running'))) throw error;
  }
}

/** The bundle of an earlier release, as start/deploy/keep-release.ts wrote it. */
function keptRelease(name: string): ProductionBundle {
  const file = fromRoot('server', 'test', 'releases', name, 'worker.js');
  const code = gunzipSync(readFileSync(`${file}.gz`)).toString('utf8');
  return { file, code, metafile: { inputs: {}, outputs: {} } };
}

/** What wrangler itself would give Miniflare for this configuration, with the bundle for code. */
async function workerOptions(port: number, vars: Record<string, string | null>, bundle: ProductionBundle) {
  const folder = path.join(GENERATED, 'local', `production-${port}`);
  const { file } = await writeLocalConfig(folder, vars, null);
  // It tells of the settings that it found, and that local S3 is an experiment.
  process.env.WRANGLER_LOG ??= 'error';
  try {
    const { workerOptions: known } = unstable_getMiniflareWorkerOptions(file);
    const name = 's3-workers';
    const { modulesRules: _, ...rest } = known;
    const modules = [{ type: 'ESModule' as const, path: bundle.file, contents: bundle.code }];
    return { worker: { ...rest, name, modules, modulesRoot: path.dirname(bundle.file) }, name };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Applies what is new, and notes it where wrangler does. */
async function migrate(mf: Miniflare): Promise<void> {
  const db = await mf.getD1Database('DB');
  await db.exec(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
  );
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const files = readdirSync(fromRoot('migrations')).filter((name) => name.endsWith('.sql') && !applied.has(name));
  for (const name of files.sort()) {
    const sql = readFileSync(fromRoot('migrations', name), 'utf8');
    const statements = unstable_splitSqlQuery(sql).map((statement) => db.prepare(statement));
    await db.batch([...statements, db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)]);
  }
}
