/**
 * Objects of every earlier release are woken by this one. `OLD` holds, for each version of the tables, what an object of that time
 * had stored: a new step is not done before the newest of today stands here as well.
 */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { admin, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  doneItem,
  failedItem,
  finish,
  photos,
  putInputs,
  putResults,
  report,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, jobRpc, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { JOB_SCHEMA } from '../../src/durable-objects/job-coordinator/tables.ts';
import { migrate, type Schema, versionOf } from '../../src/durable-objects/migration.ts';
import { SCHEMA_VERSIONS } from '../../src/durable-objects/schema-versions.ts';
import { USER_SCHEMA } from '../../src/durable-objects/user-limiter/migrations.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';
import { CEILINGS_SCHEMA } from '../../src/durable-objects/user-limiter/tables/ceilings.ts';
import { ADDRESS_DAY, OLD_CEILINGS, OLD_JOBS, OLD_USERS } from './old-objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

/** Puts what an older release had stored in place of what the object has, and wakes it anew. */
async function turnInto(stub: DurableObjectStub, statements: string): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    const alarm = await storage.getAlarm();
    await storage.deleteAll();
    storage.sql.exec(statements);
    if (alarm !== null) await storage.setAlarm(alarm);
  });
  await evictDurableObject(stub);
}
const versionsOf = (schema: Schema) => Array.from({ length: versionOf(schema) }, (_, at) => String(at + 1));
const schemaOf = (stub: DurableObjectStub) =>
  sqlIn(stub, "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name");
const squeezed = (rows: Record<string, SqlStorageValue>[]) =>
  rows.map(({ name, sql }) => [name, String(sql).replaceAll(/\s+/g, ' ')]);

describe("a user's object", () => {
  test('is known from every earlier release', () => {
    expect(Object.keys(OLD_USERS)).toEqual(versionsOf(USER_SCHEMA));
  });

  test.each(Object.keys(OLD_USERS))('of version %s becomes what a new one is, and keeps what it had', async (n) => {
    const stub = userObject(user.userId);
    const fresh = squeezed(await schemaOf(stub));
    const liveJob = env.JOB_COORDINATOR.idFromName(`${user.userId}:of-old`).toString();
    const old = OLD_USERS[n]?.({ userId: user.userId, liveJob, now: Date.now() }) ?? '';
    await turnInto(stub, old);
    expect(await creditsOf(user)).toEqual({ balance: 5, held: 3, spent: 2 });
    expect(squeezed(await schemaOf(stub))).toEqual(fresh);
    expect(await sqlIn(stub, 'SELECT schema FROM account')).toEqual([{ schema: versionOf(USER_SCHEMA) }]);
    expect(await user.client.user.me.query()).toMatchObject({ activeJobs: 1, ruleSlots: { used: 1 } });
    expect(await user.client.rules.list.query()).toMatchObject([{ id: 'rul_old', name: 'of old' }]);
    // Its hold works as any other: the job that never came to be is asked for, and the credits return.
    pass(10 * MINUTE);
    await userRpc(user.userId).recheck(liveJob);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });
});

describe("a job's object", () => {
  test('is known from every earlier release', () => {
    expect(Object.keys(OLD_JOBS)).toEqual(versionsOf(JOB_SCHEMA));
  });

  test.each(Object.keys(OLD_JOBS))('of version %s goes on where it stood, and ends well', async (n) => {
    const job = await runningJob(user, 3);
    const stub = jobObject(job.jobId);
    const fresh = squeezed(await schemaOf(stub));
    const now = Date.now();
    await turnInto(stub, OLD_JOBS[n]?.running({ userId: user.userId, jobId: job.jobId, now }) ?? '');
    expect(await inspect(job.jobId)).toMatchObject({ status: 'running', total: 3, done: 1, attempt: 1 });
    expect(squeezed(await schemaOf(stub))).toEqual(fresh);
    await putInputs(job, [0, 1, 2]);
    await putResults(job, [0, 1]);
    await report(job, { items: [doneItem(job, 1), { idx: 2, status: 'failed', error: 'too dark' }] });
    expect(await inspect(job.jobId)).toMatchObject({ status: 'done', charged: 2 });
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
    const [row] = await sqlIn(stub, "SELECT json_extract(state, '$.schema') AS schema FROM job");
    expect(row).toEqual({ schema: versionOf(JOB_SCHEMA) });
  });

  test.each(Object.keys(OLD_JOBS))('that was a tombstone of version %s stays one', async (n) => {
    const key = `never-made-${n}`;
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:${key}`).toString();
    await turnInto(jobObject(jobId), OLD_JOBS[n]?.tombstone(Date.now()) ?? '');
    const create = user.client.jobs.create.mutate({ preset: 'interior', photos: photos(2), idempotencyKey: key });
    expect((await refusalOf(create)).code).toBe('ALREADY_CANCELED');
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });
});

describe('the object that keeps the ceilings', () => {
  const stub = userObject('ceilings');
  const today = () => Math.floor(Date.now() / DAY);
  const claim = (jobId: string, photos: number) => ceilingsOf(env).claimDispatch({ jobId, photos });
  const signUpOf = (userId: string) =>
    ceilingsOf(env).claimSignUp({ userId, deviceHash: `device of ${userId}`, credits: 10, addressMark: 'somewhere' });

  test('is known from every earlier release', () => {
    expect(Object.keys(OLD_CEILINGS)).toEqual(versionsOf(CEILINGS_SCHEMA));
  });

  const olds = Object.entries(OLD_CEILINGS).map(([n, old]) => [n, old(today())] as const);
  const counted = ['1 that counted by address', (OLD_CEILINGS[1]?.(today()) ?? '') + ADDRESS_DAY] as const;
  test.each([...olds, counted])('of version %s becomes what a new one is, and counts on', async (_, old) => {
    await turnInto(stub, 'SELECT 1');
    await signUpOf('usr_of_now');
    const fresh = squeezed(await schemaOf(stub));
    await turnInto(stub, old);
    expect([await claim('old-job', 4), await claim('new-job', 3)]).toEqual([true, true]);
    expect([await signUpOf('usr_old'), await signUpOf('usr_new')]).toEqual([10, 10]);
    expect(squeezed(await schemaOf(stub))).toEqual(fresh);
    expect(await sqlIn(stub, 'SELECT schema FROM version')).toEqual([{ schema: versionOf(CEILINGS_SCHEMA) }]);
    expect(await sqlIn(stub, 'SELECT credits, photos FROM day')).toEqual([{ credits: 20, photos: 7 }]);
  });

  test('of a later release counts on, and keeps its version and what it has', async () => {
    await turnInto(stub, OLD_CEILINGS[versionOf(CEILINGS_SCHEMA)]?.(today()) ?? '');
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec('ALTER TABLE day ADD COLUMN later TEXT');
      storage.sql.exec("UPDATE day SET later = 'kept'");
      storage.sql.exec('UPDATE version SET schema = 99');
    });
    await evictDurableObject(stub);
    expect(await claim('new-job', 3)).toBe(true);
    expect(await sqlIn(stub, 'SELECT schema FROM version')).toEqual([{ schema: 99 }]);
    expect(await sqlIn(stub, 'SELECT photos, later FROM day')).toEqual([{ photos: 7, later: 'kept' }]);
  });
});

describe('what a later release stored, when it is taken back', () => {
  const LATER = 99;
  /** Fields, columns, tables, effects, events and outbox entries that nobody here has heard of. */
  const turnUserLater = (stub: DurableObjectStub) =>
    runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec('ALTER TABLE account ADD COLUMN later TEXT');
      storage.sql.exec('ALTER TABLE receipt ADD COLUMN later TEXT');
      storage.sql.exec('CREATE TABLE later (id INTEGER PRIMARY KEY)');
      storage.sql.exec(
        `UPDATE account SET schema = ?, later = 'kept', more = '{"later":1}',
           live = (SELECT json_group_array(json_set(value, '$.later', 1)) FROM json_each(account.live))`,
        LATER,
      );
      storage.sql.exec("INSERT INTO outbox (kind, ref) VALUES ('later', 'x')");
    }).then(() => evictDurableObject(stub));
  const turnJobLater = (stub: DurableObjectStub) =>
    runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec(
        `UPDATE job SET state = json_set(state, '$.schema', ?, '$.later', json('{"a":1}'), '$.effects.later',
           json('{"tries":0,"due":0}'))`,
        LATER,
      );
      storage.sql.exec(
        `INSERT INTO event SELECT coalesce(max(seq), 0) + 1, 0, '{"type":"later"}', '0', '0', '0', ? FROM event`,
        Date.now() + 10 * MINUTE,
      );
    }).then(() => evictDurableObject(stub));

  test("a user's object goes on, loses nothing of it, and keeps the later version", async () => {
    const stub = userObject(user.userId);
    await runningJob(user, 2);
    await turnUserLater(stub);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE, protect: [] });
    await admin().admin.setPlan.mutate({ userId: user.userId, plan: 'pro' });
    pass(3 * MINUTE);
    await wake(stub);
    const [row] = await sqlIn(
      stub,
      "SELECT schema, later, json_extract(more, '$.later') AS more, json_extract(live, '$[0].later') AS hold FROM account",
    );
    expect(row).toEqual({ schema: LATER, later: 'kept', more: 1, hold: 1 });
    expect(await sqlIn(stub, 'SELECT kind FROM outbox')).toEqual([{ kind: 'later' }]);
    expect(await d1('SELECT plan FROM users WHERE id = ?', user.userId)).toEqual([{ plan: 'pro' }]);
    expect(await sqlIn(stub, 'SELECT * FROM later')).toEqual([]);
  });

  test("a job's object goes on to its end, loses nothing of it, and keeps the later version", async () => {
    const job = await runningJob(user, 2);
    await turnUserLater(userObject(user.userId));
    await turnJobLater(jobObject(job.jobId));
    expect(await inspect(job.jobId)).toMatchObject({ status: 'running' });
    await finish(job, [0]);
    await report(job, failedItem(1, 'too dark'));
    expect((await user.client.jobs.get.query({ jobId: job.jobId })).items[1]?.error).toBe('too dark');
    expect(await inspect(job.jobId)).toMatchObject({ status: 'done', charged: 1, pendingEffects: [] });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    const [row] = await sqlIn(jobObject(job.jobId), 'SELECT state FROM job');
    expect(JSON.parse(String(row?.state))).toMatchObject({
      schema: LATER,
      later: { a: 1 },
      effects: { later: { tries: 0 } },
    });
  });

  test('a tombstone stays one', async () => {
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:later-tombstone`).toString();
    await jobRpc(jobId).abandon();
    await sqlIn(jobObject(jobId), "UPDATE job SET state = json_set(state, '$.schema', 99)");
    await evictDurableObject(jobObject(jobId));
    expect(await jobRpc(jobId).abandon()).toEqual({ lives: false });
  });
});

describe('migrations', () => {
  test('are as many as other programs are told', () => {
    expect(SCHEMA_VERSIONS).toEqual({ user: versionOf(USER_SCHEMA), job: versionOf(JOB_SCHEMA) });
  });

  test('that are half applied are as if they had not begun', async () => {
    await runInDurableObject(userObject(user.userId), (_, { storage }) => {
      const up = (sql: SqlStorage) => void sql.exec('CREATE TABLE half (id INTEGER); SELECT * FROM nowhere');
      const half = { ...USER_SCHEMA, steps: [...USER_SCHEMA.steps, { id: 'next', up }] };
      const version = versionOf(USER_SCHEMA);
      expect(() => storage.transactionSync(() => migrate(storage.sql, half, version))).toThrow('nowhere');
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'half'").toArray()).toEqual([]);
    });
  });

  test('of a later release are left alone', async () => {
    await runInDurableObject(userObject(user.userId), (_, { storage }) => {
      expect(migrate(storage.sql, USER_SCHEMA, versionOf(USER_SCHEMA) + 1)).toBe(false);
    });
  });
});
