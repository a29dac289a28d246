/** Which of the older databases one is, in words, and whether it may be touched at all. */
import { columnOf, halfMigrated, isMigrated, type Shape, type Table } from './shape.ts';
import { type Database, nameOf } from './sql.ts';
import type { Survey } from './survey.ts';
import { columnsOf, TABLES, type TableName } from './target.ts';

export type Which = {
  /** `ours`: migrated; `empty`: there is nothing to adopt; `older`: the others; `broken`: ours, and lived in, with a part missing. */
  kind: 'ours' | 'empty' | 'older' | 'broken';
  words: string;
  /** In what the tables differ from those of 0001. */
  differences: string[];
};

export async function whichOf(db: Database, shape: Shape, survey: Survey): Promise<Which> {
  if (isMigrated(shape)) return { kind: 'ours', words: 'our own tables, migrated', differences: [] };
  if (TABLES.every((name) => survey.tables[name].source === null))
    return { kind: 'empty', words: 'none of the five tables', differences: [] };
  const differences = TABLES.flatMap((name) => differencesOf(name, survey));
  if (await isLivedIn(db, shape)) {
    return {
      kind: 'broken',
      words: 'our own tables, in use, of which some are missing or not as they should be',
      differences,
    };
  }
  return { kind: 'older', words: wordsOf(shape, survey, differences), differences };
}

/** An object has written there: what it wrote must not be taken for rows of an earlier service. */
async function isLivedIn(db: Database, { tables }: Shape): Promise<boolean> {
  const users = tables.get('users');
  if (users === undefined || columnOf(users, 'version') === null || users.hasRowid) return false;
  const [rows = []] = await db.run([`SELECT 1 FROM ${nameOf(users.name)} WHERE version > 0 LIMIT 1`]);
  return rows.length > 0;
}

function wordsOf(shape: Shape, { tables }: Survey, differences: string[]): string {
  const half = halfMigrated(shape);
  if (half.length > 0) return `half migrated: ${half.join(', ')} as 0002 makes them, the others older`;
  if (TABLES.every((name) => tables[name].asItIs)) return 'the five tables as our 0001 makes them';
  const { users, rules } = { users: tables.users.source, rules: tables.rules.source };
  const lacks = (table: Table | null, ...columns: string[]) =>
    table !== null && columns.every((column) => columnOf(table, column) === null);
  const known = [
    ...(lacks(users, 'email', 'auth_provider') ? ['users without email and auth_provider'] : []),
    ...(lacks(rules, 'updated_at') ? ['rules without updated_at'] : []),
    ...(tables.rules.odd.some(({ why }) => why.startsWith('updated_at'))
      ? ['rules with no updated_at in some rows']
      : []),
    ...(isNotNull(rules, 'protect_json') ? ['rules whose protect_json may not be NULL'] : []),
  ];
  if (known.length > 0) return `an older schema: ${known.join('; ')}`;
  return differences.length === 0
    ? 'the five tables of 0001, with rows that are not as they should be'
    : 'another older schema';
}

const isNotNull = (table: Table | null, column: string): boolean =>
  table?.columns.some(({ name, notNull }) => name.toLowerCase() === column && notNull === 1) === true;

function differencesOf(name: TableName, { tables }: Survey): string[] {
  const { source } = tables[name];
  if (source === null) return [`${name} is missing`];
  const wanted = columnsOf(name);
  const missing = wanted.flatMap(([column]) =>
    columnOf(source, column) === null ? [`${name}.${column} is missing`] : [],
  );
  const more = source.columns.filter((one) => !wanted.some(([column]) => column === one.name.toLowerCase()));
  const other = wanted.flatMap(([column, type, notNull]) => {
    const found = source.columns.find((one) => one.name.toLowerCase() === column);
    if (found === undefined) return [];
    const ofType = found.type === type ? [] : [`${name}.${column} is ${found.type === '' ? 'of no type' : found.type}`];
    const may = found.notNull === notNull ? [] : [`${name}.${column} may ${found.notNull ? 'not ' : ''}be NULL`];
    return [...ofType, ...may];
  });
  const order =
    missing.length + more.length + other.length === 0 && !sameOrder(source, wanted)
      ? [`${name} has its columns in another order`]
      : [];
  return [...missing, ...more.map((one) => `${name}.${one.name} is no column of ours`), ...other, ...order];
}

const sameOrder = (source: Table, wanted: readonly (readonly unknown[])[]): boolean =>
  source.columns.every((one, at) => one.name.toLowerCase() === wanted[at]?.[0]);
