/**
 * Everything that an attack could have changed, as text by path:
 *
 *     d1/{table}/{key}            a row of D1
 *     r2/{key}                    an object's size, type and checksum
 *     object/user/{id}            that an object has stored something; object/job/{id} too
 *     user/{userId}/{table}/{n}   a row of a watched user's object: the ledger, receipts, grants, rules
 *     job/{jobId}/{table}/{n}     a row of a watched job's object
 *     gpu/dispatches              how many dispatches reached the provider
 */
import { fromHex } from '../../../server/src/domain/bitmap.ts';
import type { JobState } from '../../../server/src/domain/job/state.ts';
import type { ObjectRef, Production } from '../../../start/local/production.ts';
import { SECOND, until } from '../clock.ts';
import type { Provider } from '../gpu.ts';
import { type HistoryRows, historyOf, type Look, ledgerOf, type SeenJob, seenJob } from '../look.ts';
import { textsOf } from './bucket.ts';

export type Snapshot = ReadonlyMap<string, string>;
export type Watched = { users: ReadonlySet<string>; jobs: ReadonlySet<string> };

/** Primary keys of D1's tables. */
const D1_TABLES = {
  users: ['id'],
  rules: ['id'],
  jobs_log: ['job_id'],
  job_items_log: ['job_id', 'idx'],
  billing_events: ['id'],
} as const;
const MOST_TRIES = 4;

export async function snapshotOf(production: Production, gpu: Provider, watched: Watched): Promise<Snapshot> {
  const parts = await Promise.all([
    insist(() => d1Rows(production)),
    insist(() => bucketObjects(production)),
    insist(() => objectsThatExist(production)),
    ...[...watched.users].map((name) => insist(() => objectRows(production, 'USER_LIMITER', { name }, `user/${name}`))),
    ...[...watched.jobs].map((id) => insist(() => objectRows(production, 'JOB_COORDINATOR', { id }, `job/${id}`))),
  ]);
  return new Map([...parts.flat(), ['gpu/dispatches', String(gpu.dispatches.length)]]);
}

/** Waits until D1 has heard of everything that these users' objects have to tell it. */
export async function toldD1(production: Production, users: ReadonlySet<string>): Promise<void> {
  for (const name of users) {
    const isTold = async () => {
      const rows = await insist(() => objectRows(production, 'USER_LIMITER', { name }, 'user'));
      return !rows.some(([path]) => path.startsWith('user/outbox/'));
    };
    await until(isTold, `D1 to hear of the changes of ${name}`, { patience: 4 * SECOND, pause: 10 });
  }
}

/** The simulator's own door may close a connection at the moment that it is reused: a look is taken again. */
async function insist<T>(look: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await look();
    } catch (error) {
      if (tries >= MOST_TRIES || !(error instanceof TypeError && error.message === 'fetch failed')) throw error;
    }
  }
}

type Entry = [path: string, text: string];

type D1 = Awaited<ReturnType<Production['mf']['getD1Database']>>;
type Reader = { db: D1; select: ReturnType<D1['prepare']>[] };

/** The simulator stops this whole process while it gives out a binding or prepares a statement: once is enough. */
const readersOfD1 = new WeakMap<Production, Promise<Reader>>();

function readerOfD1(production: Production): Promise<Reader> {
  const known = readersOfD1.get(production);
  if (known !== undefined) return known;
  const prepare = (db: D1) => Object.keys(D1_TABLES).map((table) => db.prepare(`SELECT * FROM ${table}`));
  const reader = production.mf.getD1Database('DB').then((db) => ({ db, select: prepare(db) }));
  readersOfD1.set(production, reader);
  return reader;
}

async function d1Rows(production: Production): Promise<Entry[]> {
  const { db, select } = await readerOfD1(production);
  const found = await db.batch<Record<string, unknown>>(select);
  return Object.entries(D1_TABLES).flatMap(([table, keys], n) =>
    (found[n]?.results ?? []).map(
      (row): Entry => [`d1/${table}/${keys.map((key) => String(row[key])).join('/')}`, JSON.stringify(row)],
    ),
  );
}

async function bucketObjects(production: Production): Promise<Entry[]> {
  return (await textsOf(production)).map(([key, text]) => [`r2/${key}`, text]);
}

async function objectsThatExist(production: Production): Promise<Entry[]> {
  const [users, jobs] = await Promise.all(
    (['USER_LIMITER', 'JOB_COORDINATOR'] as const).map((binding) => production.objectIds(binding)),
  );
  return [
    ...(users ?? []).map((id): Entry => [`object/user/${id}`, 'exists']),
    ...(jobs ?? []).map((id): Entry => [`object/job/${id}`, 'exists']),
  ];
}

type Binding = 'USER_LIMITER' | 'JOB_COORDINATOR';
type Storage = Awaited<ReturnType<Production['objectStorage']>>;

/** One statement that reads all rows of an object, by class: every object of a class has the same tables. */
const readers = new Map<Binding, string>();

const handles = new WeakMap<Production, Map<string, Promise<Storage>>>();

/** Kept, for the same reason. */
function handleOf(production: Production, binding: Binding, object: ObjectRef): Promise<Storage> {
  const mine = handles.get(production) ?? new Map<string, Promise<Storage>>();
  handles.set(production, mine);
  const name = JSON.stringify([binding, object]);
  const handle = mine.get(name) ?? production.objectStorage(binding, object);
  mine.set(name, handle);
  return handle;
}

async function objectRows(production: Production, binding: Binding, object: ObjectRef, path: string): Promise<Entry[]> {
  const storage = await handleOf(production, binding, object);
  const sql = readers.get(binding) ?? (await readerFor(binding, storage));
  if (sql === null) return [];
  try {
    const rows = await storage.exec(sql);
    const counts = new Map<string, number>();
    return rows.map(({ name, row }): Entry => {
      const n = counts.get(String(name)) ?? 0;
      counts.set(String(name), n + 1);
      return [`${path}/${name}/${n}`, String(row)];
    });
  } catch (error) {
    // An object that has forgotten all has no tables either.
    if (error instanceof Error && error.message.includes('no such table')) return [];
    throw error;
  }
}

/** Null for an object that holds nothing, of which nothing can be learned. */
async function readerFor(binding: Binding, storage: Storage): Promise<string | null> {
  const columns = await storage.exec(
    `SELECT t.name AS name, group_concat('''' || c.name || ''', "' || c.name || '"') AS fields
     FROM sqlite_master t JOIN pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT GLOB '_*' AND t.name NOT GLOB 'sqlite_*' GROUP BY t.name`,
  );
  if (columns.length === 0) return null;
  const parts = columns.map(
    ({ name, fields }) => `SELECT '${name}' AS name, json_object(${fields}) AS row FROM "${name}"`,
  );
  const sql = parts.join(' UNION ALL ');
  readers.set(binding, sql);
  return sql;
}

export type Change = { path: string; before: string | undefined; after: string | undefined };

export function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    return uncounted(path, was) === uncounted(path, is) ? [] : [{ path, before: was, after: is }];
  });
}

/** The account's row without what its day has counted: a call that is allowed counts, and that is no change of anything. */
function uncounted(path: string, row: string | undefined): string | undefined {
  if (row === undefined || !/^user\/.+\/account\/0$/.test(path)) return row;
  const { more, ...account } = JSON.parse(row) as { more?: string | null };
  const { day: _, ...rest } = JSON.parse(more ?? '{}') as { day?: unknown };
  return JSON.stringify({ ...account, more: rest });
}

/** The same as a plain look: of D1 and R2 all, of ledgers and jobs those that are watched. */
export function lookOf(snapshot: Snapshot): Look {
  const rows = (prefix: string) =>
    [...snapshot].flatMap(([path, text]) =>
      path.startsWith(prefix) ? [JSON.parse(text) as Record<string, unknown>] : [],
    );
  const ids = (pattern: RegExp) => [...snapshot.keys()].flatMap((path) => pattern.exec(path)?.[1] ?? []);
  const ledgers = ids(/^user\/([^/]+)\/account\/0$/).flatMap((userId) =>
    rows(`user/${userId}/account/`).map((row) => {
      const receipts = rows(`user/${userId}/receipt/`) as Parameters<typeof ledgerOf>[2];
      return ledgerOf(userId, row as Parameters<typeof ledgerOf>[1], receipts);
    }),
  );
  const jobs = ids(/^job\/([^/]+)\/job\/0$/).flatMap((jobId) =>
    storedJob(rows(`job/${jobId}/job/`), rows(`job/${jobId}/event/`)),
  );
  const tables = Object.keys(D1_TABLES).map((table) => [table, rows(`d1/${table}/`)]);
  const stored = new Set(ids(/^r2\/(.*)$/));
  return { ledgers, jobs, d1: historyOf(Object.fromEntries(tables) as HistoryRows), stored };
}

/** The state with what its last event adds to it; none of a tombstone. */
function storedJob([row]: Record<string, unknown>[], events: Record<string, unknown>[]): SeenJob[] {
  const state = JSON.parse(String(row?.state)) as Omit<JobState, 'done' | 'failed'> &
    Record<'done' | 'failed', string> & { seq: number };
  if ('abandonedAt' in state) return [];
  const last = events.reduce((newest, event) => (Number(event.seq) > Number(newest.seq) ? event : newest), {
    ...state,
  });
  const job = { ...state, done: fromHex(String(last.done)), failed: fromHex(String(last.failed)) };
  return [seenJob(job, { deleted: state.deletedAt !== null, kept: false })];
}
