/** Looks at what there is at Cloudflare, and changes nothing: only commands that read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATED } from '../paths.ts';
import {
  type Account,
  type Database,
  done,
  isAbsent,
  type Labelled,
  type Running,
  readAccounts,
  readConsumers,
  readDatabases,
  readLabelled,
  readRows,
  readSecrets,
  readTraffic,
  readVersion,
  type Traffic,
} from './answers.ts';
import { envArgument, type Target } from './target.ts';
import type { Wrangler } from './wrangler.ts';

export type Schema = { statements: string[]; applied: string[] };
export type Found = {
  accounts: readonly Account[];
  /** Null: there is none under this id or name. */
  database: Database | null;
  schema: Schema | null;
  bucket: { cors: Labelled[]; lifecycle: Labelled[] } | null;
  /** Consumers by queue; null for a queue that is not there. */
  queues: Record<string, string[] | null>;
  /** Null: there is no Worker of this name. */
  worker: { secrets: string[]; traffic: Traffic[]; running: Running | null } | null;
};

/** Null when nobody is logged in: then nothing else was asked. Throws for an answer that nothing can be made of, in wrangler's words. */
export async function lookAround(target: Target, wrangler: Wrangler): Promise<Found | null> {
  const accounts = readAccounts(await wrangler(['whoami', '--json']));
  if (accounts === null) return null;
  const database = await databaseOf(target, wrangler);
  const [schema, bucket, worker, ...queues] = await Promise.all([
    database === null ? null : schemaOf(target, database, wrangler),
    bucketOf(target.bucket, wrangler),
    workerOf(target, wrangler),
    ...target.queues.map((name) => consumersOf(name, wrangler)),
  ]);
  return {
    accounts,
    database,
    schema,
    bucket,
    worker,
    queues: Object.fromEntries(target.queues.map((name, n) => [name, queues[n] ?? null])),
  };
}

/** By the id that wrangler.toml names, else by its name: ids are known only once a database was made. */
async function databaseOf({ database }: Target, wrangler: Wrangler): Promise<Database | null> {
  const all = readDatabases(done(await wrangler(['d1', 'list', '--json']), 'wrangler d1 list'));
  return all.find(({ uuid }) => uuid === database.id) ?? all.find(({ name }) => name === database.name) ?? null;
}

/**
 * What the database holds, by two SELECTs. `d1 migrations list` would make a table there. wrangler finds a database by its configuration, and wrangler.toml may not know
 * the id yet: so it gets one of its own.
 */
async function schemaOf({ database: { migrations } }: Target, database: Database, wrangler: Wrangler): Promise<Schema> {
  const folder = path.join(GENERATED, 's3-deploy');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `look-${database.uuid}.json`);
  const entry = { binding: 'DB', database_name: database.name, database_id: database.uuid, migrations_dir: migrations };
  writeFileSync(file, JSON.stringify({ name: 'look', compatibility_date: '2026-10-01', d1_databases: [entry] }));
  const select = async (sql: string) => {
    const args = ['d1', 'execute', 'DB', '--remote', '--json', '--config', file, '--command', sql];
    return readRows(done(await wrangler(args), 'wrangler d1 execute'));
  };
  const all = await select('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL');
  // Tables of the platform's own.
  const own = all.filter(({ name }) => !/^(_cf_|sqlite_)/.test(String(name)));
  const statements = own.filter(({ name }) => name !== 'd1_migrations').map(({ sql }) => String(sql));
  const isKept = own.some(({ name }) => name === 'd1_migrations');
  const applied = isKept
    ? (await select('SELECT name FROM d1_migrations ORDER BY id')).map(({ name }) => String(name))
    : [];
  return { statements, applied };
}

async function bucketOf(name: string, wrangler: Wrangler): Promise<Found['bucket']> {
  const lifecycle = await wrangler(['r2', 'bucket', 'lifecycle', 'list', name]);
  if (isAbsent(lifecycle, 'bucket')) return null;
  const cors = await wrangler(['r2', 'bucket', 'cors', 'list', name]);
  return {
    lifecycle: readLabelled(done(lifecycle, 'wrangler r2 bucket lifecycle list')),
    cors: isAbsent(cors, 'cors') ? [] : readLabelled(done(cors, 'wrangler r2 bucket cors list')),
  };
}

async function consumersOf(queue: string, wrangler: Wrangler): Promise<string[] | null> {
  const info = await wrangler(['queues', 'info', queue]);
  return isAbsent(info, 'queue') ? null : readConsumers(done(info, 'wrangler queues info'));
}

async function workerOf(target: Target, wrangler: Wrangler): Promise<Found['worker']> {
  const list = await wrangler(['secret', 'list', envArgument(target)]);
  if (isAbsent(list, 'worker')) return null;
  const traffic = await trafficOf(target, wrangler);
  const [first] = traffic;
  return {
    secrets: readSecrets(done(list, 'wrangler secret list')),
    traffic,
    running: first === undefined ? null : await versionOf(target, first.version, wrangler),
  };
}

/** What answers requests now; nothing while nothing is deployed. */
export async function trafficOf(target: Target, wrangler: Wrangler): Promise<Traffic[]> {
  const status = await wrangler(['deployments', 'status', '--json', envArgument(target)]);
  return isAbsent(status, 'worker') ? [] : readTraffic(done(status, 'wrangler deployments status'));
}

async function versionOf(target: Target, version: string, wrangler: Wrangler): Promise<Running> {
  return readVersion(
    done(await wrangler(['versions', 'view', version, '--json', envArgument(target)]), 'wrangler versions view'),
  );
}
