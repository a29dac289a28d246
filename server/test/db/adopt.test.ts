/** An earlier service's database in real D1: it becomes ours row by row, its users come into their objects, and a stop anywhere costs nothing. */
import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { admin } from '../../../proving/world/workerd/client.ts';
import { d1, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { bringTo0001, look } from '../../../start/adopt/adopt.ts';
import { type Answer, type ImportPorts, importUsers } from '../../../start/adopt/import.ts';
import type { Carried } from '../../../start/adopt/old-user.ts';
import type { Database } from '../../../start/adopt/sql.ts';
import { TABLES, TARGET } from '../../../start/adopt/target.ts';
import { carried } from '../../../start/test/adopt/expected.ts';
import { OLD } from '../../../start/test/adopt/old-databases.ts';

const db: Database = {
  run: async (statements) => {
    const rows = [];
    for (const statement of statements) rows.push((await env.DB.prepare(statement).all()).results);
    return rows;
  },
};
const quiet = () => undefined;
const valuesOf = (row: Record<string, unknown>): string => JSON.stringify(Object.values(row));
const named = (type: string) =>
  d1(`SELECT name FROM sqlite_master WHERE type = '${type}' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'`);

/** Children go before their parents: one that is still referred to is tried again. */
async function emptyD1(): Promise<void> {
  for (const { name } of await named('view')) await d1(`DROP VIEW "${name}"`);
  for (let tables = await named('table'); tables.length > 0; tables = await named('table')) {
    for (const { name } of tables) await d1(`DROP TABLE "${name}"`).catch(quiet);
  }
}

let databases = 0;
/** With ids of its own for each test: objects stay. */
async function fill(sql: readonly string[]): Promise<(id: string) => string> {
  const tag = `-${++databases}`;
  await emptyD1();
  for (const statement of sql) await d1(statement.replaceAll(/'(u\d|gone|usr_A+)'/g, `'$1${tag}'`));
  return (id) => `${id}${tag}`;
}

async function everything(): Promise<unknown> {
  const tables = (await named('table')).map(({ name }) => String(name)).sort();
  const rows = await Promise.all(tables.map((name) => d1(`SELECT * FROM "${name}"`)));
  return [await d1('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'), tables, rows];
}

async function adoptBy(user: Carried): Promise<Answer> {
  const { plan, credits } = await admin().admin.adopt.mutate(user);
  return { ok: true, plan, balance: credits.balance };
}
const ports = (more: Partial<ImportPorts> = {}): ImportPorts => ({
  db,
  adopt: adoptBy,
  now: () => Date.now(),
  onPage: quiet,
  ...more,
});

async function migrated(sql: readonly string[]): Promise<(id: string) => string> {
  const idOf = await fill(sql);
  await bringTo0001(db, quiet);
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  return idOf;
}

/** His object, and what D1 shows of him, in agreement. */
async function accountOf(userId: string) {
  const [object] = await sqlIn(
    userObject(userId),
    'SELECT plan, balance, held, spent, granted, created_at FROM account',
  );
  const [row] = await d1('SELECT plan, credits, created_at, version > 0 AS told FROM users WHERE id = ?', userId);
  const [{ billed } = {}] = await d1('SELECT sum(amount) AS billed FROM billing_events WHERE user_id = ?', userId);
  expect((await admin().admin.reconcile.mutate({ userId })).differences).toEqual([]);
  expect(row).toEqual({ plan: object?.plan, credits: object?.balance, created_at: object?.created_at, told: 1 });
  expect(Number(billed ?? 0)).toBe(object?.balance);
  return object;
}

describe.for(OLD)('a database $name', ({ words, sql }) => {
  test('is known, adopted and migrated in D1, and a look changes nothing', async () => {
    await fill(sql);
    const before = await everything();
    const old = new Map<string, Record<string, unknown>[]>();
    for (const { name } of await named('table')) old.set(String(name), await d1(`SELECT * FROM "${name}"`));
    expect((await look(db)).which.words).toMatch(words);
    expect(await everything()).toEqual(before);

    await bringTo0001(db, quiet);
    for (const table of TABLES) {
      const order = TARGET[table].key.join(', ');
      const wanted = (old.get(table) ?? []).flatMap((row) => carried(table, row) ?? []).map(({ row }) => row);
      const rows = await d1(`SELECT * FROM ${table} ORDER BY ${order}`);
      const sorted = wanted.sort((a, b) => (valuesOf(a) < valuesOf(b) ? -1 : 1));
      expect(rows, table).toEqual(sorted);
      const kept = (await named('table')).some(({ name }) => name === `adopted_${table}`);
      if (kept) expect(await d1(`SELECT * FROM adopted_${table}`)).toEqual(old.get(table));
      else expect(rows.length).toBe(old.get(table)?.length ?? 0);
    }
    const counts = () =>
      Promise.all(TABLES.map(async (table) => (await d1(`SELECT count(*) AS n FROM ${table}`))[0]?.n));
    const counted = await counts();
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    expect(await counts()).toEqual(counted);
    expect((await look(db)).which.kind).toBe('ours');
  });
});

describe('the import', () => {
  test('gives each user his plan, his credits and his rules, tells what is odd, and does nothing the second time', async () => {
    const idOf = await migrated(OLD[0]?.sql ?? []);
    const imported = await importUsers(ports());
    expect(imported).toMatchObject({ users: 4, credits: 428, rules: 2, untold: 0 });
    expect(imported.left.map(({ table, id, becomes }) => [table, id, becomes])).toEqual([
      ['rules', 'r3', 'aside'],
      ['rules', 'r4', 'kept'],
    ]);
    const none = { held: 0, spent: 0 };
    expect(await accountOf(idOf('u1'))).toMatchObject({ plan: 'pro', balance: 421, granted: 421, ...none });
    expect(await accountOf(idOf('u2'))).toMatchObject({
      plan: 'free',
      balance: 0,
      granted: 0,
      created_at: 1000,
      ...none,
    });
    expect(await accountOf(idOf('u3'))).toMatchObject({ plan: 'enterprise', balance: 0, granted: 0, ...none });
    expect(await accountOf(idOf('usr_AAAAAAAAAAAAAAAAAAAAAA'))).toMatchObject({ plan: 'free', balance: 7, ...none });
    expect((await userRpc(idOf('u1')).listRules()).map(({ id, name, protect }) => [id, name, protect])).toEqual([
      ['r1', 'Oak', []],
    ]);
    expect((await userRpc(idOf('u2')).listRules()).map(({ id }) => id)).toEqual(['r4']);
    // His purchases and charges stay, and what they lack to add up is one event more.
    expect(await d1('SELECT type, amount FROM billing_events WHERE user_id = ? ORDER BY id', idOf('u1'))).toEqual([
      { type: 'purchase', amount: 500 },
      { type: 'charge', amount: -79 },
      { type: 'grant', amount: 0 },
    ]);
    // It is in no object, and stays as it was.
    expect(await d1("SELECT concepts_json, deleted_at IS NOT NULL AS marked FROM rules WHERE id = 'r3'")).toEqual([
      { concepts_json: '{broken', marked: 1 },
    ]);
    expect(await d1("SELECT label FROM adopted_odd WHERE table_name = 'rules' AND becomes = 'aside'")).toEqual([
      { label: 'r3' },
    ]);
    const before = await everything();
    expect(await importUsers(ports())).toEqual({ users: 0, credits: 0, rules: 0, left: [], untold: 0 });
    expect(await everything()).toEqual(before);
  });

  test('leaves whom no object can take, and takes all others', async () => {
    const long = `u1${'x'.repeat(80)}`;
    await migrated([
      ...(OLD[0]?.sql.slice(0, 5) ?? []),
      `INSERT INTO users VALUES ('${long}', 'free', 3, NULL, NULL, NULL, 5)`,
      "INSERT INTO users VALUES ('u2', 'free', 2, NULL, NULL, NULL, 5)",
    ]);
    const imported = await importUsers(ports());
    expect(imported).toMatchObject({ users: 1, untold: 0, left: [{ table: 'users', id: long, becomes: 'aside' }] });
    expect(await d1('SELECT label, becomes FROM adopted_odd ORDER BY becomes')).toEqual(
      expect.arrayContaining([{ label: long, becomes: 'aside' }]),
    );
  });

  /** What runs before the number-th thing that changes anything stops it, or after, when the answer is lost. */
  function stoppedAt(number: number, lost: boolean): ImportPorts & { did(): number } {
    let at = 0;
    const step = async <T>(act: () => Promise<T>): Promise<T> => {
      const mine = at++;
      if (mine === number && !lost) throw new Error('stopped');
      const answer = await act();
      if (mine === number) throw new Error('stopped');
      return answer;
    };
    const run: Database['run'] = async (statements) => {
      const rows = [];
      for (const statement of statements) {
        const one = () => db.run([statement]);
        rows.push(...(/^\s*SELECT/.test(statement) ? await one() : await step(one)));
      }
      return rows;
    };
    return { ...ports({ db: { run }, adopt: (user) => step(() => adoptBy(user)) }), did: () => at };
  }

  /** Users as a migrated database has them before they are imported. */
  async function waiting(tag: number): Promise<(id: string) => string> {
    const idOf = (id: string) => `${id}-stop-${databases}-${tag}`;
    const [u1, u2] = [idOf('u1'), idOf('u2')];
    const users = `('${u1}', 'pro', 421, NULL, NULL, 5), ('${u2}', 'free', -3, NULL, NULL, 6)`;
    await d1(`INSERT INTO users (id, plan, credits, email, device_hash, created_at) VALUES ${users}`);
    const wall = '{"Wall":{"action":"remove"}}';
    const rules = [
      `('${idOf('r1')}', '${u1}', 'Oak', 'interior', '${wall}', NULL, 5, 6)`,
      `('${idOf('r2')}', '${u1}', 'Ash', 'interior', '{broken', NULL, 5, 6)`,
    ];
    const columns = 'id, user_id, name, preset_id, concepts_json, protect_json, created_at, updated_at';
    await d1(`INSERT INTO rules (${columns}) VALUES ${rules.join(', ')}`);
    await d1(
      `INSERT INTO billing_events VALUES ('${idOf('b1')}', '${u1}', 'purchase', 500, NULL, 5), ('${idOf('b2')}', '${u2}', 'charge', -3, NULL, 5)`,
    );
    return idOf;
  }

  test.for([
    false,
    true,
  ])('stopped anywhere (answer lost: %s) and run again, it is as if it had not been', async (lost) => {
    await migrated([]);
    let number = 0;
    for (; ; number++) {
      const idOf = await waiting(number);
      const stopping = stoppedAt(number, lost);
      const first = await importUsers(stopping).catch((error: Error) => error.message);
      if (first !== 'stopped') break;
      expect((await importUsers(ports())).untold).toBe(0);
      const [one, two] = [await accountOf(idOf('u1')), await accountOf(idOf('u2'))];
      expect(one, `stopped at ${number}`).toMatchObject({ plan: 'pro', balance: 421, granted: 421, held: 0, spent: 0 });
      expect(two, `stopped at ${number}`).toMatchObject({ plan: 'free', balance: 0, granted: 0, held: 0, spent: 0 });
      expect((await userRpc(idOf('u1')).listRules()).map(({ id }) => id)).toEqual([idOf('r1')]);
      expect(await d1('SELECT becomes FROM adopted_odd WHERE label = ?', idOf('r2'))).toEqual([{ becomes: 'aside' }]);
    }
    // The table of odd rows, the note, the mark, what the events lack, and two accounts.
    expect(number).toBe(6);
  });
});
