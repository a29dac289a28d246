/**
 * How the tables of the job's object came to be: append only. A new object takes the same steps as an old one, and each
 * `CREATE` is paid for per job. A step that changes the state rewrites the JSON in `job.state`, which may also be a tombstone's.
 */
import type { Migration } from '../migration.ts';

const TABLES = `
  CREATE TABLE job (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
  CREATE TABLE event (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    body        TEXT NOT NULL,
    done        TEXT NOT NULL,
    failed      TEXT NOT NULL,
    previews    TEXT NOT NULL,
    lease_until INTEGER NOT NULL
  );`;

export const JOB_MIGRATIONS: readonly Migration[] = [
  { id: '1 the state as JSON, and the log', up: (sql) => void sql.exec(TABLES) },
];
