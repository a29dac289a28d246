/** A database that was exported: SQL text, or SQLite's own file. It is read into memory, and what is done there changes no file. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Database, Row } from './sql.ts';

const MAGIC = 'SQLite format 3\0';

export function openFile(file: string): Database & { close(): void } {
  const bytes = readFileSync(file);
  if (bytes.subarray(0, MAGIC.length).toString('latin1') === MAGIC)
    return onSqlite(new DatabaseSync(file, { readOnly: true }));
  const memory = new DatabaseSync(':memory:');
  // An export writes tables in the order of their names, whatever they refer to.
  memory.exec('PRAGMA foreign_keys = OFF');
  memory.exec(bytes.toString('utf8'));
  memory.exec('PRAGMA foreign_keys = ON');
  return onSqlite(memory);
}

export function onSqlite(sqlite: DatabaseSync): Database & { close(): void } {
  return {
    run: async (statements) => statements.map((statement) => rowsOf(sqlite, statement)),
    close: () => sqlite.close(),
  };
}

function rowsOf(sqlite: DatabaseSync, statement: string): Row[] {
  const prepared = sqlite.prepare(statement);
  // A number beyond what one of JavaScript holds would throw.
  prepared.setReadBigInts(true);
  return prepared
    .all()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
