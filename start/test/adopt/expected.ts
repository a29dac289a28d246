/** What an old row has to become, told in JavaScript beside the SQL that does it. */
import { TARGET, type TableName } from '../../adopt/target.ts';

export type Row = Record<string, unknown>;

const numeric = (value: unknown): boolean => typeof value === 'string' && /^-?\d+(\.\d*)?$/.test(value.trim());

export function time(value: unknown): number | null {
  if (typeof value === 'number' || numeric(value)) {
    const given = Number(value);
    if (given >= 1e8 && given < 1e11) return Math.round(given * 1000);
    return Math.trunc(given > 1e14 ? given / 1000 : given);
  }
  if (typeof value !== 'string' || !/^\d{4}-\d/.test(value.trim())) return null;
  const text = value.trim().replace(' ', 'T');
  const zoned = /T/.test(text) && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : ms;
}

const whole = (value: unknown): number | null =>
  typeof value === 'number' || numeric(value) ? Math.trunc(Number(value)) : null;

/** The row as 0001 has it, and the columns of which another value had to stand in for what was there. Null: it cannot be carried. */
export function carried(table: TableName, old: Row): { row: Row; changed: string[] } | null {
  const row: Row = {};
  const changed: string[] = [];
  for (const { name, kind, otherwise } of TARGET[table].columns) {
    const given = old[name] ?? null;
    const read = { id: textOf(given), text: given, whole: whole(given), time: time(given) }[kind];
    const isNone = read === null || (kind === 'text' && otherwise !== undefined && read === '');
    if ((kind === 'id' || TARGET[table].key.includes(name)) && (isNone || read === '')) return null;
    const other =
      otherwise === undefined ? null : 'column' in otherwise ? row[otherwise.column] : literal(otherwise.value);
    row[name] = isNone ? other : read;
    if (
      name in old &&
      (isNone ? given !== null || otherwise !== undefined : kind === 'whole' && read !== Number(given)) &&
      row[name] !== given
    )
      changed.push(name);
  }
  return { row, changed };
}

const textOf = (value: unknown): string | null => (value === null ? null : String(value));
const literal = (sql: string): unknown => (sql.startsWith("'") ? sql.slice(1, -1) : Number(sql));
