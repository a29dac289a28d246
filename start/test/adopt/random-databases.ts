/** Random databases of earlier services: columns missing, added and in any order, values of any kind, keys that repeat, what stands in the way. */
import fc from 'fast-check';
import { TABLES, TARGET, type TableName } from '../../adopt/target.ts';

const quoted = (value: unknown): string =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;

const id = fc.constantFrom('u1', 'u2', 'j1', 'j2', "o'x", '', null, 7);
const words = fc.constantFrom(
  null,
  '',
  'free',
  'pro',
  'interior',
  '{}',
  '{broken',
  'done',
  'running',
  "it's",
  12,
  '한글',
);
const whole = fc.constantFrom<unknown>(null, 0, 1, -5, 2.75, '12', ' 3 ', 'many', 9_000_000_000_000);
const time = fc.constantFrom<unknown>(
  ...[null, 0, 1000, 1_700_000_000, 1_700_000_000_123, 1_700_000_000_123_456, '1700000000', '2023-11-14 22:13:20'],
  ...['2023-11-14T22:13:20.125Z', '2023-11-14T22:13:20+09:00', '2023-11-14', 'last week', '2023-13-45 00:00:00', ''],
);
const valuesOf = { id, text: words, whole, time };

/** One table: its statement, and its rows. A declared type may be another than ours, and a value of another kind than declared. */
const table = (name: TableName): fc.Arbitrary<string[]> =>
  fc
    .record({
      missing: fc.subarray(
        TARGET[name].columns
          .filter(({ otherwise, kind }) => otherwise !== undefined || kind === 'text')
          .map((one) => one.name),
      ),
      more: fc.subarray(['tier', 'deleted_at', 'note']),
      shuffled: fc.shuffledSubarray(
        TARGET[name].columns.map((one) => one.name),
        { minLength: TARGET[name].columns.length },
      ),
      textTimes: fc.boolean(),
      keyed: fc.boolean(),
      owned: fc.boolean(),
    })
    .chain(({ missing, more, shuffled, textTimes, keyed, owned }) => {
      const columns = shuffled
        .filter((column) => !missing.includes(column))
        .flatMap((column) => TARGET[name].columns.find((one) => one.name === column) ?? []);
      const declared = columns.map((one) => {
        const type =
          one.kind === 'time' && textTimes ? 'TEXT' : one.kind === 'whole' || one.kind === 'time' ? 'INTEGER' : 'TEXT';
        const reference = owned && one.name === 'user_id' ? ' REFERENCES users (id)' : '';
        return `${one.name} ${type}${keyed && TARGET[name].key[0] === one.name && TARGET[name].key.length === 1 ? ' PRIMARY KEY' : ''}${reference}`;
      });
      const row = fc.tuple(
        ...columns.map(({ kind }) => valuesOf[kind] as fc.Arbitrary<unknown>),
        ...more.map(() => fc.constantFrom(null, null, 5, 'x')),
      );
      return fc
        .array(row, { maxLength: 6 })
        .map((rows) => [
          `CREATE TABLE ${name} (${[...declared, ...more].join(', ')})`,
          ...rows.map((values) => `INSERT OR IGNORE INTO ${name} VALUES (${values.map(quoted).join(', ')})`),
        ]);
    });

const IN_THE_WAY = [
  'CREATE TABLE presets (id TEXT)',
  'CREATE TABLE reconcile_round (id INTEGER)',
  'CREATE TABLE jobs_log_new (job_id TEXT)',
  'CREATE INDEX idx_jobs_log_dead_letters ON presets (id)',
  'CREATE INDEX idx_rules_user_id ON rules (id)',
  'CREATE VIEW totals AS SELECT count(*) AS n FROM users',
  'CREATE TRIGGER once AFTER INSERT ON users BEGIN INSERT INTO presets VALUES (new.id); END',
  'CREATE TABLE d1_migrations (version INTEGER)',
  'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT)',
];

/** The statements that make one. Foreign keys are off while they run, as they are while an export is read. */
export const oldDatabase: fc.Arbitrary<string[]> = fc
  .tuple(fc.tuple(...TABLES.map((name) => fc.option(table(name), { freq: 6, nil: [] }))), fc.subarray(IN_THE_WAY))
  .map(([tables, more]) => {
    const sql = tables.flat();
    const made = (name: string) => [...sql, ...more].some((one) => one.startsWith(`CREATE TABLE ${name} `));
    const fits = more.filter((one, at) => {
      if (/d1_migrations/.test(one)) return more.findIndex((other) => /d1_migrations/.test(other)) === at;
      const needs = [...one.matchAll(/(?:ON|FROM|INTO) (\w+)/g)].map(([, name = '']) => name);
      return needs.every(made);
    });
    const tablesFirst = [
      ...fits.filter((one) => one.startsWith('CREATE TABLE')),
      ...fits.filter((one) => !one.startsWith('CREATE TABLE')),
    ];
    return ['PRAGMA foreign_keys = OFF', ...sql, ...tablesFirst, 'PRAGMA foreign_keys = ON'];
  });
