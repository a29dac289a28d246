/** The database of an earlier service becomes 0001's: which one it is, what becomes of each row, and that nothing is lost on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bringTo0001, look } from '../../adopt/adopt.ts';
import {
  columnsOf,
  createTable,
  INDEXES,
  LATER_INDEXES,
  LATER_TABLES,
  TABLES,
  type TableName,
} from '../../adopt/target.ts';
import { carried, type Row } from './expected.ts';
import { type Memory, memory, migrate, stoppingAt } from './memory.ts';
import { OLD } from './old-databases.ts';
import { oldDatabase } from './random-databases.ts';

const quiet = () => undefined;
const namesOf = ({ sqlite }: Memory, type: string) =>
  sqlite
    .prepare('SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL')
    .all(type)
    .map(({ name }) => String(name));
const has = (memory: Memory, table: string) => namesOf(memory, 'table').includes(table);
const json = (rows: Row[]) => rows.map((row) => JSON.stringify(row)).sort();

/** Every row of an old database is where it has to be after it was adopted; `before` is another one as it was. */
function everyRowIsThere(before: Memory, after: Memory): void {
  const odd = has(after, 'adopted_odd') ? after.rows('adopted_odd') : [];
  for (const table of TABLES) {
    if (!has(before, table)) continue;
    const old = before.rows(table);
    if (has(after, `adopted_${table}`)) expect(json(after.rows(`adopted_${table}`))).toEqual(json(old));
    const wanted: Row[] = [];
    const seen = new Set<string>();
    for (const row of old) {
      const kept = carried(table, row);
      const label = labelOf(table, row);
      const noted = (becomes: string) =>
        odd.some((one) => one.table_name === table && one.label === label && one.becomes === becomes);
      const key = kept === null ? '' : labelOf(table, kept.row);
      const isGone = (table === 'users' || table === 'rules') && row.deleted_at != null;
      const isAside = kept === null || isGone || seen.has(key);
      if (isAside) expect(noted('aside'), `${table} ${label} is listed as set aside`).toBe(true);
      else {
        seen.add(key);
        wanted.push(kept.row);
        if (kept.changed.length > 0) expect(noted('changed'), `${table} ${label} is listed as changed`).toBe(true);
      }
      if (isAside || kept.changed.length > 0) expect(has(after, `adopted_${table}`)).toBe(true);
    }
    expect(json(after.rows(table)), table).toEqual(json(wanted));
  }
}

function labelOf(table: TableName, row: Row): string {
  const keys = table === 'job_items_log' ? ['job_id', 'idx'] : table === 'jobs_log' ? ['job_id'] : ['id'];
  return keys.map((key) => (key in row && row[key] !== null ? String(row[key]) : '(none)')).join(' ');
}

/** It is what 0001 makes of an empty one, beside what was kept. */
function isOf0001(after: Memory): void {
  const ours = memory([]);
  migrateFirst(ours);
  for (const table of TABLES) {
    const info = `SELECT name, type, "notnull", pk FROM pragma_table_info('${table}')`;
    expect(after.sqlite.prepare(info).all()).toEqual(ours.sqlite.prepare(info).all());
  }
  expect(namesOf(after, 'index')).toEqual(expect.arrayContaining(namesOf(ours, 'index')));
}
const migrateFirst = ({ sqlite }: Memory) => {
  for (const table of TABLES) sqlite.exec(createTable(table, table));
  for (const [name, { table, column }] of Object.entries(INDEXES))
    sqlite.exec(`CREATE INDEX ${name} ON ${table} (${column})`);
};

test('the tables and indexes that an adoption makes are those of migrations/0001_schema.sql, and the names that it frees those of the later ones', () => {
  const migrated = memory([]);
  const before = new Set<string>();
  migrate(migrated.sqlite);
  const first = memory([]);
  migrateFirst(first);
  const { sqlite } = memory([]);
  migrate(sqlite);
  for (const name of [...Object.keys(INDEXES), ...LATER_INDEXES]) expect(namesOf(migrated, 'index')).toContain(name);
  for (const name of namesOf(migrated, 'index')) expect([...Object.keys(INDEXES), ...LATER_INDEXES]).toContain(name);
  for (const name of namesOf(migrated, 'table')) before.add(name);
  expect([...before].filter((name) => !TABLES.some((table) => table === name))).toEqual(['reconcile_round']);
  expect(LATER_TABLES).toContain('reconcile_round');
  for (const table of TABLES)
    expect(columnsOf(table).map(([name]) => name)).toEqual(
      first.sqlite
        .prepare(`SELECT name FROM pragma_table_info('${table}')`)
        .all()
        .map(({ name }) => name),
    );
});

describe.for(OLD)('a database $name', ({ words, sql }) => {
  test('is known for what it is, and looking at it changes nothing', async () => {
    const old = memory(sql);
    const before = old.dump();
    const looked = await look(old.db);
    expect(looked.which).toMatchObject({ kind: 'older', words: expect.stringMatching(words) });
    expect(old.dump()).toEqual(before);
  });

  test('becomes that of 0001 row by row, the migrations apply, and a second run has nothing to do', async () => {
    const [before, after] = [memory(sql), memory(sql)];
    await bringTo0001(after.db, quiet);
    everyRowIsThere(before, after);
    isOf0001(after);
    const adopted = after.dump();
    expect((await bringTo0001(after.db, quiet)).steps).toEqual([]);
    expect(after.dump()).toEqual(adopted);
    const counts = TABLES.map((table) => after.rows(table).length);
    migrate(after.sqlite);
    expect(TABLES.map((table) => after.rows(table).length)).toEqual(counts);
    expect((await look(after.db)).which.kind).toBe('ours');
  });

  test('stopped before any of its statements and run again, it is the same', async () => {
    const whole = memory(sql);
    const counting = stoppingAt(whole.db, Number.POSITIVE_INFINITY);
    await bringTo0001(counting, quiet);
    for (let number = 0; number < counting.ran(); number++) {
      const stopped = memory(sql);
      await expect(bringTo0001(stoppingAt(stopped.db, number), quiet)).rejects.toThrow('stopped');
      await bringTo0001(stopped.db, quiet);
      expect(stopped.dump(), `stopped before statement ${number}`).toEqual(whole.dump());
    }
  });
});

test('views, triggers and indexes that would stand in the way are kept as text, and tables of others stay', async () => {
  const { sql } = OLD[1] ?? { sql: [] };
  const after = memory(sql);
  await bringTo0001(after.db, quiet);
  expect(
    after
      .rows('adopted_schema')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['note_user', 'paying', 'users_by_tier']);
  expect(after.rows('sessions')).toEqual([
    { id: 1, user_id: 'u1' },
    { id: 2, user_id: 'u2' },
  ]);
  expect(after.rows('presets')).toEqual(memory(sql).rows('presets'));
  migrate(after.sqlite);
  expect(after.rows('sessions')).toHaveLength(2);
});

test('rows of a table that refers to one of the five outlive the migration that makes that one anew', async () => {
  const sessions =
    'CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id) ON DELETE CASCADE)';
  const after = memory([...(OLD[0]?.sql ?? []), sessions, "INSERT INTO sessions VALUES (1, 'u1')"]);
  await bringTo0001(after.db, quiet);
  migrate(after.sqlite);
  expect(after.rows('sessions')).toEqual([{ id: 1, user_id: 'u1' }]);
});

describe('what is half done', () => {
  const done = async () => {
    const ours = memory(OLD[0]?.sql ?? []);
    await bringTo0001(ours.db, quiet);
    migrate(ours.sqlite);
    return ours;
  };

  test('a database on which our migrations ran and nobody wrote it down has that written down, and nothing else', async () => {
    const ours = await done();
    const before = ours.dump();
    await bringTo0001(ours.db, quiet);
    expect(ours.rows('d1_migrations').map(({ name }) => name)).toEqual([
      '0001_schema.sql',
      '0002_reshape.sql',
      '0003_reconcile_round.sql',
    ]);
    ours.sqlite.exec('DROP TABLE d1_migrations; DROP TABLE IF EXISTS sqlite_sequence_of_none');
    expect(ours.dump()).toEqual({
      ...before,
      made: expect.anything(),
      rows: expect.objectContaining(before.rows as object),
    });
  });

  test.for([
    'users',
    'rules',
    'jobs_log',
    'job_items_log',
    'billing_events',
  ] as const)('a migration that stopped after it had dropped %s goes on from what it had made', async (table) => {
    const half = memory(OLD[0]?.sql ?? []);
    const wanted = memory(OLD[0]?.sql ?? []);
    half.sqlite.exec(`ALTER TABLE ${table} RENAME TO ${table}_new`);
    await bringTo0001(half.db, quiet);
    await bringTo0001(wanted.db, quiet);
    expect(json(half.rows(table))).toEqual(json(wanted.rows(table)));
    migrate(half.sqlite);
  });

  test('a copy that a migration has left beside its table stays under another name', async () => {
    const half = memory([
      ...(OLD[0]?.sql ?? []),
      'CREATE TABLE users_new (id TEXT)',
      "INSERT INTO users_new VALUES ('half')",
    ]);
    await bringTo0001(half.db, quiet);
    expect(half.rows('adopted_users_new')).toEqual([{ id: 'half' }]);
    expect(half.rows('users')).toHaveLength(4);
    migrate(half.sqlite);
  });

  test('a list that says that 0002 ran over older tables is corrected, and says so', async () => {
    const told = [
      'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
      "INSERT INTO d1_migrations (name) VALUES ('0000_init.sql'), ('0001_schema.sql'), ('0002_reshape.sql')",
    ];
    const half = memory([...(OLD[1]?.sql ?? []), ...told]);
    await bringTo0001(half.db, quiet);
    expect(half.rows('d1_migrations').map(({ name }) => name)).toEqual(['0000_init.sql', '0001_schema.sql']);
    expect(half.rows('adopted_migrations')).toEqual([{ name: '0002_reshape.sql' }]);
  });

  test('our own database that is in use and has lost a table is not touched', async () => {
    const ours = await done();
    ours.sqlite.exec('UPDATE users SET version = 3; DROP TABLE rules');
    const before = ours.dump();
    expect((await look(ours.db)).which.kind).toBe('broken');
    await expect(bringTo0001(ours.db, quiet)).rejects.toThrow('restore it');
    expect(ours.dump()).toEqual(before);
  });

  test('an empty database is left to the migrations', async () => {
    const empty = memory(['CREATE TABLE notes (id TEXT)']);
    const before = empty.dump();
    expect((await bringTo0001(empty.db, quiet)).which.kind).toBe('empty');
    expect(empty.dump()).toEqual(before);
  });
});

test('a rule that was deleted does not come back', async () => {
  const sql = (OLD[0]?.sql ?? []).map((one) => one);
  const old = memory([
    ...sql,
    'ALTER TABLE rules ADD COLUMN deleted_at INTEGER',
    "UPDATE rules SET deleted_at = 5 WHERE id = 'r1'",
  ]);
  await bringTo0001(old.db, quiet);
  expect(old.rows('rules').map(({ id }) => id)).not.toContain('r1');
  expect(old.rows('adopted_odd')).toContainEqual(
    expect.objectContaining({ table_name: 'rules', label: 'r1', becomes: 'aside' }),
  );
});

test('whatever an old database holds, each row is carried over or kept and listed, the migrations apply, and a stop anywhere changes nothing of that', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(oldDatabase, fc.nat(60), async (sql, stop) => {
      const [before, after] = [memory(sql), memory(sql)];
      const seen = after.dump();
      const { which } = await look(after.db);
      expect(after.dump()).toEqual(seen);
      if (which.kind === 'empty') return;
      const reached = await bringTo0001(stoppingAt(after.db, stop), quiet).then(
        () => true,
        (error: Error) => {
          if (error.message !== 'stopped') throw error;
          return false;
        },
      );
      if (!reached) await bringTo0001(after.db, quiet);
      everyRowIsThere(before, after);
      isOf0001(after);
      expect((await look(after.db)).steps).toEqual([]);
      migrate(after.sqlite);
      for (const table of TABLES)
        expect(after.rows(table).length).toBeLessThanOrEqual(has(before, table) ? before.rows(table).length : 0);
    }),
    { numRuns: 100 },
  );
});
