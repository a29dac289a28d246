/** Databases in memory, and everything that stands in one. */
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { onSqlite } from '../../adopt/file-database.ts';
import type { Database } from '../../adopt/sql.ts';
import { fromRoot } from '../../paths.ts';
import type { Row } from './expected.ts';

export type Memory = {
  sqlite: DatabaseSync;
  db: Database;
  rows(table: string): Row[];
  dump(): Record<string, unknown>;
};

export function memory(sql: readonly string[]): Memory {
  const sqlite = new DatabaseSync(':memory:');
  for (const statement of sql) sqlite.exec(statement);
  const rows = (table: string): Row[] =>
    sqlite
      .prepare(`SELECT * FROM "${table}"`)
      .all()
      .map((row) => ({ ...row }));
  const dump = () => {
    const made = rows('sqlite_master').map(({ type, name, tbl_name, sql: text }) => ({ type, name, tbl_name, text }));
    const tables = made.filter(({ type, text }) => type === 'table' && text !== null).map(({ name }) => String(name));
    const sorted = (all: Row[]) => all.map((row) => JSON.stringify(row)).sort();
    return {
      made: made.map((one) => JSON.stringify(one)).sort(),
      rows: Object.fromEntries(tables.sort().map((name) => [name, sorted(rows(name))])),
    };
  };
  return { sqlite, db: onSqlite(sqlite), rows, dump };
}

export function migrate(sqlite: DatabaseSync): void {
  const files = readdirSync(fromRoot('migrations'))
    .filter((name) => name.endsWith('.sql'))
    .sort();
  for (const file of files) sqlite.exec(readFileSync(fromRoot('migrations', file), 'utf8'));
}

/** Stops before the statement of this number, counted from 0 over all runs. */
export function stoppingAt(db: Database, number: number): Database & { ran(): number } {
  let at = 0;
  return {
    ran: () => at,
    run: async (statements) => {
      const rows: Awaited<ReturnType<Database['run']>> = [];
      for (const statement of statements) {
        const changes = !/^\s*SELECT/i.test(statement);
        if (changes && at === number) throw new Error('stopped');
        rows.push(...(await db.run([statement])));
        if (changes) at++;
      }
      return rows;
    },
  };
}
