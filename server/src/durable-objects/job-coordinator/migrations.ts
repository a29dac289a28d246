/**
 * The tables of the job's object, and how old ones become these. Each `CREATE` is paid for per job. A step that changes the state
 * rewrites the JSON in `job.state`, which may also be a tombstone's.
 */
import type { Schema } from '../migration.ts';

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

export const JOB_SCHEMA: Schema = { tables: TABLES, steps: [] };
