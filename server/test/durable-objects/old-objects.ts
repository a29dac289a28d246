/**
 * What the objects of each release had stored, by the version of its tables, as SQL text that is never changed again: the user
 * has spent 2 of 10 credits and holds 3, the job has three photos of which the first is done, of the day's ceilings one user has 10 credits
 * and one job 4 photos.
 */

type OldUser = { userId: string; liveJob: string; now: number };
type OldJob = { userId: string; jobId: string; now: number };

const USER_TABLES_1 = `
  CREATE TABLE account (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    user_id       TEXT NOT NULL,
    plan          TEXT NOT NULL,
    balance       INTEGER NOT NULL CHECK (balance >= 0),
    held          INTEGER NOT NULL CHECK (held >= 0),
    spent         INTEGER NOT NULL CHECK (spent >= 0),
    granted       INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    device_hash   TEXT,
    created_at    INTEGER NOT NULL,
    session_epoch INTEGER NOT NULL,
    live          TEXT NOT NULL,
    recent        TEXT NOT NULL,
    CHECK (balance + held + spent = granted)
  );
  CREATE TABLE receipt (
    job_id     TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    preset     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    charged    INTEGER NOT NULL CHECK (charged BETWEEN 0 AND amount),
    outcome    TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE granted (
    key        TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE outbox (
    seq  INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    ref  TEXT NOT NULL
  );
  CREATE TABLE rule (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    preset     TEXT NOT NULL,
    concepts   TEXT NOT NULL,
    protect    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version    INTEGER NOT NULL
  ) WITHOUT ROWID;`;

const liveHold = ({ liveJob, now }: OldUser) => ({
  jobId: liveJob,
  amount: 3,
  preset: 'interior',
  createdAt: now,
  checkAt: now + 120_000,
  settledAt: null,
  charged: null,
  outcome: null,
});

const userRows = ({ userId, now }: OldUser, columns: string, values: string) => `
  INSERT INTO account (id, user_id, plan, balance, held, spent, granted, version, device_hash, created_at, session_epoch,
    recent, ${columns})
  VALUES (1, '${userId}', 'free', 5, 3, 2, 10, 4, NULL, ${now}, 0, '[{"jobId":"old-job","createdAt":${now}}]', ${values});
  INSERT INTO receipt VALUES ('old-job', 4, 'interior', ${now}, ${now}, 2, '{"status":"done","done":2,"failed":2}');
  INSERT INTO granted VALUES ('plan:free', 10, 'sign-up', ${now});
  INSERT INTO rule VALUES ('rul_old', 'of old', 'interior', '{"Floor":{"action":"recolor","value":"#C8A27A"}}', '["Grout"]',
    ${now}, ${now}, NULL, 1);`;

export const OLD_USERS: Record<string, (old: OldUser) => string> = {
  1: (old) => USER_TABLES_1 + userRows(old, 'live', `'${JSON.stringify([liveHold(old)])}'`),
  2: (old) =>
    `${USER_TABLES_1}
    ALTER TABLE account ADD COLUMN schema INTEGER NOT NULL DEFAULT 1;
    ${userRows(old, 'live, schema', `'${JSON.stringify([{ ...liveHold(old), slotFree: false }])}', 2`)}`,
};

const JOB_TABLES_1 = `
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

const runningState = ({ userId, jobId, now }: OldJob) => ({
  jobId,
  userId,
  preset: 'interior',
  photos: Array.from({ length: 3 }, () => ({ contentType: 'image/jpeg', bytes: 4 })),
  source: null,
  status: 'running',
  createdAt: now,
  deadline: now + 86_400_000,
  dependents: [],
  choice: { concepts: { Floor: { action: 'recolor', value: '#C8A27A' } }, protect: ['Grout'], outputTemplate: null },
  ruleId: null,
  executeKey: null,
  cancelKey: null,
  callbackBase: 'https://api.test',
  attempt: 1,
  dispatch: 'sent',
  leaseUntil: now + 900_000,
  attemptDeadline: now + 1_080_000,
  providerId: 'run-1',
  done: '0',
  failed: '0',
  previews: '0',
  endedAt: null,
  error: null,
  deadLetter: false,
  charged: null,
  putsExpireAt: now + 1_080_000,
  inputsGone: false,
  tidied: false,
  deletedAt: null,
  effects: {},
  seq: 0,
});

const eventRow = (now: number) => `
  INSERT INTO event (seq, at, body, done, failed, previews, lease_until)
  VALUES (1, ${now}, '{"type":"items","items":[{"idx":0,"status":"done"}]}', '1', '0', '1', ${now + 900_000});`;

const jobRow = (state: unknown) => `INSERT INTO job (id, state) VALUES (1, '${JSON.stringify(state)}');`;

export const OLD_JOBS: Record<string, { running(old: OldJob): string; tombstone(now: number): string }> = {
  1: {
    running: (old) => JOB_TABLES_1 + jobRow(runningState(old)) + eventRow(old.now),
    tombstone: (now) => JOB_TABLES_1 + jobRow({ abandonedAt: now }),
  },
};

const CEILINGS_TABLES_1 = `
  CREATE TABLE day (
    day     INTEGER PRIMARY KEY,
    credits INTEGER NOT NULL,
    photos  INTEGER NOT NULL
  );
  CREATE TABLE claim (
    day    INTEGER NOT NULL,
    key    TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, key)
  ) WITHOUT ROWID;
  CREATE TABLE device (
    hash    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL
  ) WITHOUT ROWID;`;

const ceilingRows = (day: number) => `
  INSERT INTO day VALUES (${day}, 10, 4);
  INSERT INTO claim VALUES (${day}, 'usr_old', 10), (${day}, 'old-job', 4);
  INSERT INTO device VALUES ('device of usr_old', 'usr_old');`;

/** Objects of version 1 have it once they were asked for the credits of an address. */
export const ADDRESS_DAY = `
  CREATE TABLE address_day (
    day     INTEGER NOT NULL,
    mark    TEXT NOT NULL,
    credits INTEGER NOT NULL,
    PRIMARY KEY (day, mark)
  ) WITHOUT ROWID;`;

export const OLD_CEILINGS: Record<string, (day: number) => string> = {
  1: (day) => CEILINGS_TABLES_1 + ceilingRows(day),
  2: (day) =>
    `${CEILINGS_TABLES_1}
    ${ADDRESS_DAY}
    CREATE TABLE version (
      id     INTEGER PRIMARY KEY CHECK (id = 1),
      schema INTEGER NOT NULL
    );
    INSERT INTO version VALUES (1, 2);
    ${ceilingRows(day)}`,
};
