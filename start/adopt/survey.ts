/** Looking at a database without changing it: how many rows each table has, which are odd, and whether any value has to become another. */
import { asideOf, labelOf, numbered, type Odd, oddOf } from './odd.ts';
import { isOf0001, type Shape, type Table } from './shape.ts';
import { type Database, nameOf, type Row } from './sql.ts';
import { TABLES, TARGET, type TableName } from './target.ts';
import { readOf } from './values.ts';

export type Found = Odd & {
  rows: number;
  /** Some of them, by their keys. */
  labels: string[];
};
export type Surveyed = {
  /** Where its rows are; null when nowhere. */
  source: Table | null;
  rows: number;
  aside: number;
  /** Rows of which a time was written in another way. */
  converted: number;
  odd: Found[];
  /** Whether it is as 0001 has it, with no value that has to become another. */
  asItIs: boolean;
};
export type Survey = {
  tables: Record<TableName, Surveyed>;
  rowsOfOthers: Record<string, number>;
  /** What an earlier run has noted: {@link noteOf} of each. */
  noted: ReadonlySet<string>;
};

export const noteOf = (table: unknown, why: unknown): string => `${table}: ${why}`;

/** Labels that are read of each kind of odd rows. */
export const SHOWN = 20;

/** Where the rows of one of the five are: in its own table, else in what an adoption or a migration that stopped has left. */
export function sourceOf({ tables }: Shape, name: TableName): Table | null {
  const kept = [...tables.values()].filter((table) => keptNumber(table.name, name) > 0);
  kept.sort((a, b) => keptNumber(b.name, name) - keptNumber(a.name, name));
  return tables.get(name) ?? kept[0] ?? tables.get(`${name}_new`) ?? null;
}

/** Which of the tables in which an adoption keeps `name` this one is, counted from 1; 0 for another. */
function keptNumber(table: string, name: TableName): number {
  const match = new RegExp(`^adopted_${name}(?:_(\\d+))?$`, 'i').exec(table);
  return match === null ? 0 : Number(match[1] ?? 1);
}

export async function survey(db: Database, shape: Shape): Promise<Survey> {
  const found = (name: TableName) => sourceOf(shape, name);
  const sources = TABLES.flatMap((name) => {
    const source = found(name);
    return source === null ? [] : [{ name, source, odd: oddOf(name, source, found) }];
  });
  const five = new Set<string>(sources.map(({ source }) => source.name));
  const others = [...shape.tables.values()].filter(({ name }) => !five.has(name));
  const counts = others.map(({ name }) => `SELECT count(*) AS n FROM ${nameOf(name)}`);
  const asked = sources.flatMap(({ name, source, odd }) => [
    totals(name, source, odd),
    ...odd.map((one) => listed(one, source)),
  ]);
  const told = await db.run([...asked, ...counts]);
  const tables = Object.fromEntries(TABLES.map((name) => [name, NONE])) as Record<TableName, Surveyed>;
  let at = 0;
  for (const { name, source, odd } of sources) {
    const [total = {}] = told[at++] ?? [];
    const rows = odd.map((one) => foundOf(one, told[at++] ?? []));
    tables[name] = surveyedOf(
      shape,
      name,
      source,
      total,
      rows.filter((one) => one.rows > 0),
    );
  }
  const rowsOfOthers = Object.fromEntries(
    others.map(({ name }, n) => [name, Number(told[asked.length + n]?.[0]?.n ?? 0)]),
  );
  return { tables, rowsOfOthers, noted: await notedIn(db, shape) };
}

async function notedIn(db: Database, { tables }: Shape): Promise<Set<string>> {
  if (!tables.has('adopted_odd')) return new Set();
  const [rows = []] = await db.run(['SELECT DISTINCT table_name, why FROM adopted_odd']);
  return new Set(rows.map(({ table_name, why }) => noteOf(table_name, why)));
}

const NONE: Surveyed = { source: null, rows: 0, aside: 0, converted: 0, odd: [], asItIs: false };

function surveyedOf(shape: Shape, name: TableName, source: Table, total: Row, odd: Found[]): Surveyed {
  const { rows, aside, converted } = {
    rows: Number(total.n),
    aside: Number(total.aside ?? 0),
    converted: Number(total.converted ?? 0),
  };
  const clean = odd.every(({ becomes }) => becomes === 'kept') && aside === 0 && converted === 0;
  const asItIs = source.name.toLowerCase() === name && isOf0001(shape, name) && clean;
  return { source, rows, aside, converted, odd, asItIs };
}

function totals(name: TableName, source: Table, odd: Odd[]): string {
  const times = TARGET[name].columns.filter(({ kind }) => kind === 'time');
  const other = times.flatMap((column) => {
    const read = readOf(source, column);
    return read === null ? [] : [`(${read} IS NOT NULL AND ${read} IS NOT ${nameOf(column.name)})`];
  });
  return `SELECT count(*) AS n, sum(${asideOf(odd)}) AS aside, sum(${other.join(' OR ') || '0'}) AS converted
    FROM ${numbered(name, source)}`;
}

/** Odd rows by their label. One for which there are two reasons to be set aside stands under both. */
export const oddRows = (odd: Odd, source: Table): string =>
  `SELECT ${labelOf(odd.table, source)} AS label, count(*) AS n FROM ${numbered(odd.table, source)}
    WHERE ${odd.where} GROUP BY 1`;

const listed = (odd: Odd, source: Table): string =>
  `SELECT label, sum(n) OVER () AS n FROM (${oddRows(odd, source)}) ORDER BY label LIMIT ${SHOWN}`;

const foundOf = (odd: Odd, rows: Row[]): Found => ({
  ...odd,
  rows: Number(rows[0]?.n ?? 0),
  labels: rows.map(({ label }) => String(label)),
});
