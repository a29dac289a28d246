/** Whether the migrations that a database does not have yet would go through on what it holds: tried on an empty copy of its tables. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fromRoot } from '../paths.ts';
import type { Schema } from './look.ts';

/** Files of migrations in their order. @param folder from the root */
export const migrationFiles = (folder: string): string[] =>
  readdirSync(fromRoot(folder))
    .filter((name) => name.endsWith('.sql'))
    .toSorted();

export const pendingMigrations = (folder: string, applied: readonly string[]): string[] =>
  migrationFiles(folder).filter((name) => !applied.includes(name));

/** The first migration that stops, and on what; null when all go through. Rows can still stop one: a copy of the tables has none. */
export function migrationProblem(folder: string, { statements, applied }: Schema): string | null {
  const copy = new DatabaseSync(':memory:');
  try {
    // Indexes and views need their tables, in whatever order they were told.
    const isTable = (sql: string) => /^\s*CREATE\s+(VIRTUAL\s+)?TABLE/i.test(sql);
    for (const sql of [...statements.filter(isTable), ...statements.filter((sql) => !isTable(sql))]) put(copy, sql);
    for (const name of pendingMigrations(folder, applied)) {
      try {
        copy.exec(readFileSync(path.join(fromRoot(folder), name), 'utf8'));
      } catch (error) {
        return `${name} stops on what the database holds: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    return null;
  } finally {
    copy.close();
  }
}

/** What cannot be made here, such as a table of an extension, is left out: a migration that needs it stops, and is told. */
function put(copy: DatabaseSync, sql: string): void {
  try {
    copy.exec(sql);
  } catch {}
}
