/** What an old value becomes in a column of 0001, as an expression of SQL: the rows never leave the database. */

import { columnOf, type Table } from './shape.ts';
import { nameOf } from './sql.ts';
import type { Column, Target } from './target.ts';

/** Digits alone, but for a sign and a point. */
const looksNumeric = (value: string): string => {
  const digits = `ltrim(trim(${value}), '-')`;
  return `(${digits} GLOB '[0-9]*' AND ${digits} NOT GLOB '*[^0-9.]*' AND ${digits} NOT GLOB '*.*.*')`;
};

/** A whole number; NULL for what is none. Parts of one are cut off. */
export const wholeOf = (value: string): string =>
  `CASE typeof(${value}) WHEN 'integer' THEN ${value} WHEN 'real' THEN CAST(${value} AS INTEGER)
    WHEN 'text' THEN CASE WHEN ${looksNumeric(value)} THEN CAST(${value} AS INTEGER) END END`;

/**
 * Milliseconds of a number that tells a time by its size: from 1973 on no seconds, milliseconds or microseconds are taken for one another.
 * Smaller ones are no time of any service, and stay.
 */
const millisOf = (value: string): string =>
  `CASE WHEN ${value} BETWEEN 1e8 AND 99999999999 THEN CAST(round(${value} * 1000) AS INTEGER)
    WHEN ${value} > 1e14 THEN CAST(${value} / 1000 AS INTEGER) ELSE CAST(${value} AS INTEGER) END`;

/** The same of whatever tells a time: a number, the same as text, or a date as SQLite or ISO 8601 write it. NULL for what is none. */
export const timeOf = (value: string): string =>
  `CASE WHEN typeof(${value}) IN ('integer', 'real') THEN ${millisOf(value)}
    WHEN typeof(${value}) <> 'text' THEN NULL
    WHEN ${looksNumeric(value)} THEN ${millisOf(`CAST(${value} AS REAL)`)}
    WHEN trim(${value}) GLOB '[0-9][0-9][0-9][0-9]-[0-9]*'
      THEN CAST(round(unixepoch(trim(${value}), 'subsec') * 1000) AS INTEGER) END`;

/** What is read of a column, before anything stands in for it; null when the table has no such column. */
export function readOf(table: Table, { name, kind }: Column): string | null {
  const found = columnOf(table, name);
  if (found === null) return null;
  const value = nameOf(found);
  switch (kind) {
    case 'id':
      return `CAST(${value} AS TEXT)`;
    case 'text':
      return value;
    case 'whole':
      return wholeOf(value);
    case 'time':
      return timeOf(value);
  }
}

/** What stands in the column of 0001. */
export function carriedOf(table: Table, target: Target, column: Column): string {
  const { otherwise } = column;
  const read = readOf(table, column);
  if (otherwise === undefined) return read ?? 'NULL';
  const other = 'value' in otherwise ? otherwise.value : otherOf(table, target, otherwise.column);
  // An empty text says no more than none.
  const given = column.kind === 'text' && read !== null ? `nullif(${read}, '')` : read;
  return given === null ? other : `coalesce(${given}, ${other})`;
}

function otherOf(table: Table, target: Target, name: string): string {
  const column = target.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`there is no column ${name}`);
  return carriedOf(table, target, column);
}
