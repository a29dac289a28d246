/** Objects of an earlier service under our classes: an alarm of theirs wakes them once, and they stay as they are. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { userObject } from '../../../proving/world/workerd/objects.ts';

const jobNamed = (name: string) => env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromName(name));

/** What an earlier service may have stored, tables of our names but not of our shape among them. */
const STORED: Record<string, (storage: DurableObjectStorage) => unknown> = {
  'tables of its own': ({ sql }) => {
    sql.exec('CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT)');
    sql.exec("INSERT INTO state VALUES ('credits', '7'), ('status', 'running')");
  },
  'tables under our names': ({ sql }) => {
    sql.exec('CREATE TABLE account (id TEXT PRIMARY KEY, credits INTEGER); CREATE TABLE rule (id TEXT, json TEXT)');
    sql.exec(
      'CREATE TABLE job (id TEXT PRIMARY KEY, state TEXT); CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT)',
    );
    sql.exec("INSERT INTO account VALUES ('u', 7); INSERT INTO job VALUES ('j', 'running')");
    sql.exec("INSERT INTO event VALUES (1, 'created')");
  },
  'keys and values': (storage) => storage.put({ user: { credits: 7 }, 'job:1': 'running' }),
};

/** Everything that lies there, the alarm included. */
const all = (stub: DurableObjectStub) =>
  runInDurableObject(stub, async (_, { storage }) => {
    const made = storage.sql
      .exec<{ name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
      )
      .toArray();
    const rows = made.map(({ name }) => storage.sql.exec(`SELECT * FROM "${name}" ORDER BY 1`).toArray());
    return { made, rows, kv: [...(await storage.list())], alarm: await storage.getAlarm() };
  });

let lines: string[];
beforeEach(() => {
  lines = [];
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

describe.for([
  ['a user', (name: string) => userObject(name) as DurableObjectStub],
  ['a job', (name: string) => jobNamed(name) as DurableObjectStub],
] as const)('under the class of %s', ([kind, objectOf]) => {
  test.for(
    Object.entries(STORED),
  )('an object with %s does nothing when its alarm fires, says so in one line, and is not woken again', async ([
    what,
    store,
  ]) => {
    const stub = objectOf(`old ${kind} ${what}`);
    await runInDurableObject(stub, async (_, { storage }) => {
      await store(storage);
      await storage.setAlarm(Date.now() + 3_600_000);
    });
    await evictDurableObject(stub);
    const before = await all(stub);
    expect(before.alarm).not.toBeNull();
    await evictDurableObject(stub);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await all(stub)).toEqual({ ...before, alarm: null });
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ event: 'object.foreign', object: stub.id.toString() }),
    ]);
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });

  test('an object of ours without anything stored says nothing when it wakes', async () => {
    const stub = objectOf(`nothing of ${kind}`);
    await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now() + 3_600_000));
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(lines).toEqual([]);
    expect((await all(stub)).alarm).toBeNull();
  });
});
