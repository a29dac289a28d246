/**
 * D1 on node:sqlite, as far as our statements need it, so that migrations and query plans are tested without a server. What
 * ran is remembered, so that a test can ask how SQLite plans it.
 */
/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

const MIGRATIONS = `${import.meta.dirname}/../../../../migrations`;
export const migrationFiles = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .toSorted();
export const migration = (name: string): string => readFileSync(`${MIGRATIONS}/${name}`, 'utf8');

export type Ran = { sql: string; values: SQLInputValue[] };

export class NodeD1 implements D1Database {
  readonly sqlite = new DatabaseSync(':memory:');
  readonly ran: Ran[] = [];

  migrate(names: string[]): this {
    for (const name of names) this.sqlite.exec(migration(name));
    return this;
  }

  rows<T = Record<string, unknown>>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.sqlite
      .prepare(sql)
      .all(...values)
      .map((row) => ({ ...row }) as T);
  }

  /** The steps in which SQLite would run a statement. */
  plan({ sql, values }: Ran): string[] {
    return this.rows<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => detail);
  }

  prepare(sql: string): NodeStatement {
    return new NodeStatement(this, sql, []);
  }

  /** In order and as one transaction, as D1 has it. */
  async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    this.sqlite.exec('BEGIN');
    const results: D1Result<T>[] = [];
    for (const statement of statements) results.push(await statement.all<T>());
    this.sqlite.exec('COMMIT');
    return results;
  }

  exec(): never {
    throw new Error('not used');
  }
  withSession(): never {
    throw new Error('not used');
  }
  dump(): never {
    throw new Error('not used');
  }
}

class NodeStatement implements D1PreparedStatement {
  readonly #db: NodeD1;
  readonly #ran: Ran;

  constructor(db: NodeD1, sql: string, values: SQLInputValue[]) {
    this.#db = db;
    this.#ran = { sql, values };
  }

  bind(...values: unknown[]): NodeStatement {
    return new NodeStatement(this.#db, this.#ran.sql, values.map(bindable));
  }

  async all<T>(): Promise<D1Result<T>> {
    this.#db.ran.push(this.#ran);
    const results = this.#db.rows<T>(this.#ran.sql, ...this.#ran.values);
    return { success: true, results, meta: META };
  }

  run<T>(): Promise<D1Result<T>> {
    return this.all<T>();
  }

  async first<T>(): Promise<T | null> {
    return (await this.all<T>()).results[0] ?? null;
  }

  raw(): never {
    throw new Error('not used');
  }
}

/** D1 refuses `undefined` and everything else that SQL does not have. */
function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  throw new Error(`D1_TYPE_ERROR: cannot bind ${typeof value}`);
}

const META = {
  duration: 0,
  size_after: 0,
  rows_read: 0,
  rows_written: 0,
  last_row_id: 0,
  changed_db: false,
  changes: 0,
};
