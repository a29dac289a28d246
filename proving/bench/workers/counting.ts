/**
 * The Worker with a meter on everything that is billed: the same sources, bundled the same way. `GET /__counts` tells what was used
 * since it was last asked. All objects live in this isolate, so one meter sees them all.
 */

import type { Env } from '../../../server/src/bindings.ts';
import worker, { JobCoordinatorDO as Jobs, UserLimiterDO as Users } from '../../../server/src/index.ts';
import { type Counts, NO_COUNTS } from './counts.ts';

const counts: Counts = { ...NO_COUNTS };
const cursors: { rowsRead: number; rowsWritten: number }[] = [];

/** What was used since the last time. */
function take(): Counts {
  for (const { rowsRead, rowsWritten } of cursors) {
    counts.objectRowsRead += rowsRead;
    counts.objectRowsWritten += rowsWritten;
  }
  cursors.length = 0;
  const taken = { ...counts };
  Object.assign(counts, NO_COUNTS);
  return taken;
}

/** A script's cursor tells of its last statement only, so each runs by itself. */
const statementsOf = (script: string): string[] =>
  script
    .split('\n')
    .map((line) => line.replace(/--.*$/, ''))
    .join('\n')
    .split(';')
    .filter((statement) => statement.trim() !== '');

let metered = false;
function meterStorage(storage: DurableObjectStorage): void {
  if (metered) return;
  metered = true;
  const sql = Object.getPrototypeOf(storage.sql) as SqlStorage;
  const { exec } = sql;
  sql.exec = function (this: SqlStorage, query: string, ...values: SqlStorageValue[]) {
    const run = (statement: string) => {
      const cursor = Reflect.apply(exec, this, [statement, ...values]) as ReturnType<SqlStorage['exec']>;
      cursors.push(cursor);
      return cursor;
    };
    const statements = values.length > 0 ? [query] : statementsOf(query);
    return statements.map(run).at(-1);
  } as SqlStorage['exec'];
  const own = Object.getPrototypeOf(storage) as DurableObjectStorage;
  const { setAlarm } = own;
  own.setAlarm = function (this: DurableObjectStorage, ...args) {
    counts.objectRowsWritten++;
    return Reflect.apply(setAlarm, this, args) as Promise<void>;
  };
}

/** Calls under way in an object, and since when it has had any. */
const busy = new Map<string, { calls: number; since: number }>();
async function active<T>(id: string, work: () => T | Promise<T>): Promise<T> {
  const state = busy.get(id) ?? { calls: 0, since: 0 };
  busy.set(id, state);
  if (state.calls++ === 0) state.since = Date.now();
  try {
    return await work();
  } finally {
    if (--state.calls === 0) counts.objectActiveMs += Date.now() - state.since;
  }
}

function meteredNamespace<T extends DurableObjectNamespace<never>>(namespace: T): T {
  const get = (id: DurableObjectId) => {
    const stub: object = namespace.get(id);
    return new Proxy(stub, {
      get: (_, name) => {
        const method: unknown = Reflect.get(stub, name);
        if (typeof method !== 'function' || name === 'then') return method;
        return (...args: unknown[]) => {
          counts.objectRequests++;
          return active(id.toString(), () => Reflect.apply(method, stub, args) as Promise<unknown>);
        };
      },
    });
  };
  return over(namespace, { get });
}

/** The same thing with some of its methods replaced; the others keep their `this`. */
function over<T extends object>(target: T, methods: Record<string, unknown>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (typeof name === 'string' && name in methods) return methods[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

let meteredD1 = false;
function meterD1(db: D1Database): void {
  if (meteredD1) return;
  meteredD1 = true;
  const note = ({ meta }: D1Result) => {
    counts.d1Queries++;
    counts.d1RowsRead += meta.rows_read;
    counts.d1RowsWritten += meta.rows_written;
  };
  const own = Object.getPrototypeOf(db) as D1Database;
  const { batch } = own;
  own.batch = async function <T>(this: D1Database, statements: D1PreparedStatement[]) {
    const results = (await Reflect.apply(batch, this, [statements])) as D1Result<T>[];
    results.forEach(note);
    return results;
  };
  const statement = Object.getPrototypeOf(db.prepare('SELECT 1')) as D1PreparedStatement;
  const { all } = statement;
  statement.all = async function <T>(this: D1PreparedStatement) {
    const result = (await Reflect.apply(all, this, [])) as D1Result<T>;
    note(result);
    return result;
  };
  statement.first = async function <T>(this: D1PreparedStatement) {
    return ((await this.all<T>()).results[0] ?? null) as T | null;
  } as D1PreparedStatement['first'];
}

const UNIT = 64 * 1024;
const units = (body: unknown): number => Math.ceil(JSON.stringify(body).length / UNIT);
const envs = new WeakMap<Env, Env>();

function meteredEnv(env: Env): Env {
  const known = envs.get(env);
  if (known) return known;
  meterD1(env.DB);
  const r2 = (kind: 'r2ClassA' | 'r2ClassB', name: 'put' | 'list' | 'get' | 'head') => {
    const method = env.R2[name];
    return (...args: unknown[]) => {
      counts[kind]++;
      return Reflect.apply(method, env.R2, args) as unknown;
    };
  };
  const made: Env = {
    ...env,
    USER_LIMITER: meteredNamespace(env.USER_LIMITER as DurableObjectNamespace<never>) as Env['USER_LIMITER'],
    JOB_COORDINATOR: meteredNamespace(env.JOB_COORDINATOR as DurableObjectNamespace<never>) as Env['JOB_COORDINATOR'],
    GPU_QUEUE: over(env.GPU_QUEUE, {
      send: (body: Parameters<Env['GPU_QUEUE']['send']>[0]) => {
        counts.queueOperations += units(body);
        counts.queueMessageBytes += JSON.stringify(body).length;
        return env.GPU_QUEUE.send(body);
      },
    }),
    R2: over(env.R2, {
      put: r2('r2ClassA', 'put'),
      list: r2('r2ClassA', 'list'),
      get: r2('r2ClassB', 'get'),
      head: r2('r2ClassB', 'head'),
    }),
  };
  envs.set(env, made);
  return made;
}

export class UserLimiterDO extends Users {
  constructor(ctx: DurableObjectState, env: Env) {
    meterStorage(ctx.storage);
    super(ctx, meteredEnv(env));
  }
  override alarm(): Promise<void> {
    return alarm(this.ctx.id.toString(), () => super.alarm());
  }
}

export class JobCoordinatorDO extends Jobs {
  constructor(ctx: DurableObjectState, env: Env) {
    meterStorage(ctx.storage);
    super(ctx, meteredEnv(env));
  }
  override alarm(): Promise<void> {
    return alarm(this.ctx.id.toString(), () => super.alarm());
  }
}

function alarm(id: string, work: () => Promise<void>): Promise<void> {
  counts.objectRequests++;
  counts.alarms++;
  return active(id, work);
}

export default {
  fetch: (request, env) => {
    if (new URL(request.url).pathname === '/__counts') return Response.json(take());
    counts.workerRequests++;
    return worker.fetch(request, meteredEnv(env));
  },
  queue: (batch, env) => {
    // Read and deleted.
    for (const { body } of batch.messages) counts.queueOperations += 2 * units(body);
    return worker.queue(batch, meteredEnv(env));
  },
} satisfies ExportedHandler<Env>;
