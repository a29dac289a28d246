/**
 * Objects of every earlier release are woken by this one. `OLD` holds, for each version of the tables, what an object of that time
 * had stored: a new step is not done before the newest of today stands here as well.
 */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { JOB_SCHEMA } from '../../src/durable-objects/job-coordinator/migrations.ts';
import { migrate, type Schema, versionOf } from '../../src/durable-objects/migration.ts';
import { SCHEMA_VERSIONS } from '../../src/durable-objects/schema-versions.ts';
import { USER_SCHEMA } from '../../src/durable-objects/user-limiter/migrations.ts';
import { creditsOf, refusalOf, signUp, type User } from '../support/client.ts';
import { MINUTE, pass } from '../support/clock.ts';
import { doneItem, photos, putInputs, putResults, report, runningJob } from '../support/jobs.ts';
import { inspect, jobObject, sqlIn, userObject, userRpc } from '../support/objects.ts';
import { OLD_JOBS, OLD_USERS } from './old-objects.ts';

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

  test('of a later release are named, and nothing is touched', async () => {
    await runInDurableObject(userObject(user.userId), (_, { storage }) => {
      expect(() => migrate(storage.sql, USER_SCHEMA, versionOf(USER_SCHEMA) + 1)).toThrow('later release');
    });
  });
});
