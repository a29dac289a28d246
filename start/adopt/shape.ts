/** What a database is made of: its tables with their columns and references, what else it has, and which migrations it was told of. */
import { type Database, nameOf, type Row } from './sql.ts';
import { columnsOf, SINCE_0002, TABLES, type TableName } from './target.ts';

export type Table = {
  /** As it is spelled there: SQLite does not tell case apart, and keys of {@link Shape.tables} are in lower case. */
  name: string;
  columns: { name: string; type: string; notNull: number; pk: number; generated: boolean }[];
  /** Tables, in lower case, that its foreign keys point to. */
  references: string[];
  hasRowid: boolean;
};
export type Other = { type: 'index' | 'view' | 'trigger'; name: string; table: string };
export type Shape = {
  tables: ReadonlyMap<string, Table>;
  others: Other[];
  /** Names of the migrations that were applied; null when nothing says. */
  applied: string[] | null;
};

const OWN = "name NOT LIKE 'sqlite_%' AND name NOT GLOB '_cf_*'";
const MADE = `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND ${OWN} ORDER BY type, name`;

export async function readShape(db: Database): Promise<Shape> {
  const made = (await db.run([MADE]))[0] ?? [];
  const named = made
    .filter(({ type }) => type === 'table')
    .map(({ name, sql }) => ({ name: String(name), sql: String(sql) }));
  const asked = named.flatMap(({ name }) => [
    `SELECT name, type, "notnull" AS not_null, pk, hidden FROM pragma_table_xinfo('${name.replaceAll("'", "''")}')`,
    `SELECT "table" AS target FROM pragma_foreign_key_list('${name.replaceAll("'", "''")}')`,
  ]);
  const told = asked.length === 0 ? [] : await db.run(asked);
  const tables = new Map(
    named.map(({ name, sql }, at) => [
      name.toLowerCase(),
      tableOf(name, sql, told[at * 2] ?? [], told[at * 2 + 1] ?? []),
    ]),
  );
  const others = made
    .filter(({ type }) => type !== 'table')
    .map(({ type, name, tbl_name }) => ({
      type: type as Other['type'],
      name: String(name),
      table: String(tbl_name).toLowerCase(),
    }));
  return { tables, others, applied: await appliedIn(db, tables) };
}

function tableOf(name: string, sql: string, columns: Row[], references: Row[]): Table {
  return {
    name,
    columns: columns.map(({ name: column, type, not_null, pk, hidden }) => ({
      name: String(column),
      type: String(type).toUpperCase(),
      notNull: Number(not_null),
      pk: Number(pk),
      generated: Number(hidden) !== 0,
    })),
    references: references.map(({ target }) => String(target).toLowerCase()),
    hasRowid: !/WITHOUT\s+ROWID[^)]*$/i.test(sql) && !/^\s*CREATE\s+VIRTUAL/i.test(sql),
  };
}

async function appliedIn(db: Database, tables: Shape['tables']): Promise<string[] | null> {
  const table = tables.get('d1_migrations');
  if (table === undefined || columnOf(table, 'name') === null) return null;
  const [rows = []] = await db.run([`SELECT name FROM ${nameOf(table.name)} ORDER BY 1`]);
  return rows.map(({ name }) => String(name));
}

/** The column as it is spelled there; null when there is none of that name. */
export const columnOf = (table: Table, name: string): string | null =>
  table.columns.find((one) => one.name.toLowerCase() === name)?.name ?? null;

/** Whether the table is, column by column, the one of 0001, and bound to no other. */
export function isOf0001(shape: Shape, name: TableName): boolean {
  const table = shape.tables.get(name);
  if (table === undefined || !table.hasRowid || table.references.length > 0) return false;
  if ([...shape.tables.values()].some(({ references }) => references.includes(name))) return false;
  const found = table.columns.map((one) => [one.name, one.type, one.notNull, one.pk]);
  return JSON.stringify(found) === JSON.stringify(columnsOf(name)) && table.columns.every((one) => !one.generated);
}

const isOf0002 = (table: Table | undefined, name: TableName): boolean =>
  table !== undefined &&
  !table.hasRowid &&
  (SINCE_0002[name] ?? []).every((column) => columnOf(table, column) !== null);

/** Whether 0002 went over all of it: then it is ours, whatever else lies there. */
export const isMigrated = ({ tables }: Shape): boolean => TABLES.every((name) => isOf0002(tables.get(name), name));

/** Tables that 0002 has made, of a database in which it went only half of the way. */
export const halfMigrated = (shape: Shape): TableName[] =>
  TABLES.filter((name) => SINCE_0002[name] !== undefined && isOf0002(shape.tables.get(name), name));
