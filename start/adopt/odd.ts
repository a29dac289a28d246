/** Rows that are not as they should be: what is wrong with each, and what becomes of it. */

import { columnOf, type Table } from './shape.ts';
import { listOf, nameOf } from './sql.ts';
import { type Column, neededOf, TARGET, type TableName } from './target.ts';
import { readOf } from './values.ts';

/** `aside`: it is not carried over; `changed`: it is, with another value; `kept`: it is, as it stands. Whole rows are kept in every case. */
export type Becomes = 'aside' | 'changed' | 'kept';
export type Odd = {
  table: TableName;
  why: string;
  becomes: Becomes;
  /** A condition on a row. */
  where: string;
};

/** States of a job that has not ended: nobody works on it any more. */
const LIVE = ['created', 'uploaded', 'queued', 'running', 'pending', 'processing'];
const ENDED = ['done', 'completed', 'failed', 'canceled', 'cancelled'];
/** Longest id that the API takes. */
const MAX_USER_ID = 64;

/** The table that rows of this one belong to, by a column of both. */
const OWNER: Partial<Record<TableName, { table: TableName; column: string; id: string; what: string }>> = {
  rules: { table: 'users', column: 'user_id', id: 'id', what: 'its user is not there' },
  jobs_log: { table: 'users', column: 'user_id', id: 'id', what: 'its user is not there' },
  job_items_log: { table: 'jobs_log', column: 'job_id', id: 'job_id', what: 'its job is not there' },
  billing_events: { table: 'users', column: 'user_id', id: 'id', what: 'its user is not there' },
};

/** What is looked for in `source`, which holds the rows of `name`. @param find where the rows of another of the five are now; null when nowhere */
export function oddOf(name: TableName, source: Table, find: (other: TableName) => Table | null): Odd[] {
  const odd = (becomes: Becomes, why: string, where: string | null): Odd[] =>
    where === null ? [] : [{ table: name, becomes, why, where }];
  const given = (column: string): string | null => {
    const found = columnOf(source, column);
    return found === null ? null : nameOf(found);
  };
  return [
    ...unusable(name, source).flatMap(({ why, where }) => odd('aside', why, where)),
    ...odd('aside', 'the same key as a row before it', 'adopted_nth > 1'),
    ...TARGET[name].columns.flatMap((column) => odd('changed', ...changed(source, column))),
    ...ofTable(name, given).flatMap(([why, where]) => odd('kept', why, where)),
    ...odd('kept', ...orphan(name, given, find)),
  ];
}

/** Rows that cannot be carried over. Those of no key come before those of one key: none of them is counted twice. */
export const asideOf = (all: readonly Odd[]): string =>
  all.flatMap(({ becomes, where }) => (becomes === 'aside' ? [`coalesce(${where}, 0)`] : [])).join(' OR ') || '0';

function nothing(source: Table, name: TableName, column: string): string {
  const target = TARGET[name].columns.find((one) => one.name === column);
  const read = target === undefined ? null : readOf(source, target);
  if (read === null) return '1';
  return target?.kind === 'id'
    ? `(${read} IS NULL OR ${read} = '' OR instr(${read}, char(0)) > 0)`
    : `(${read} IS NULL)`;
}

/** Rows that cannot be carried over, whatever others there are. */
function unusable(name: TableName, source: Table): { why: string; where: string }[] {
  const given = (column: string) => columnOf(source, column);
  const gone = name === 'users' || name === 'rules' ? deleted(given) : null;
  return [
    ...neededOf(TARGET[name]).map((column) => ({
      why: `${column} names nothing`,
      where: nothing(source, name, column),
    })),
    ...(gone === null ? [] : [{ why: 'it was deleted', where: gone }]),
  ];
}

/** The rows of the table, each with its number among those of the same key that can be carried over. */
export function numbered(name: TableName, source: Table): string {
  const keys = TARGET[name].columns.filter((column) => TARGET[name].key.includes(column.name));
  const read = keys.map((column) => readOf(source, column) ?? 'NULL');
  const usable = unusable(name, source).map(({ where }) => `coalesce(${where}, 0)`);
  const order = source.hasRowid ? ' ORDER BY rowid' : '';
  const nth = `row_number() OVER (PARTITION BY ${[...read, usable.join(' OR ')].join(', ')}${order})`;
  return `(SELECT *, ${nth} AS adopted_nth FROM ${nameOf(source.name)})`;
}

function deleted(given: (column: string) => string | null): string | null {
  const at = given('deleted_at');
  const flags = ['deleted', 'is_deleted'].flatMap((column) => given(column) ?? []);
  const all = [
    ...(at === null ? [] : [`${nameOf(at)} IS NOT NULL`]),
    ...flags.map((flag) => `coalesce(${nameOf(flag)}, 0) <> 0`),
  ];
  return all.length === 0 ? null : `(${all.join(' OR ')})`;
}

const isEmpty = (otherwise: Column['otherwise']): boolean =>
  otherwise !== undefined && 'value' in otherwise && otherwise.value === "''";

/** A value that could not be taken as it is, of a column that is there. */
function changed(source: Table, column: Column): [string, string | null] {
  const { name, kind, otherwise } = column;
  const found = columnOf(source, name);
  const read = readOf(source, column);
  if (found === null || read === null || kind === 'id') return [name, null];
  const value = nameOf(found);
  const reasons = [
    ...(otherwise === undefined
      ? []
      : [kind === 'text' && !isEmpty(otherwise) ? `coalesce(${value}, '') = ''` : `${value} IS NULL`]),
    ...(kind === 'time' ? [`(${value} IS NOT NULL AND ${read} IS NULL)`] : []),
    ...(kind === 'whole' ? [`(${value} IS NOT NULL AND (${read} IS NULL OR ${read} <> ${value}))`] : []),
  ];
  const why = { text: 'is missing', whole: 'is no whole number', time: 'is no time' }[kind];
  return [`${name} ${why}`, reasons.length === 0 ? null : `(${reasons.join(' OR ')})`];
}

type Given = (column: string) => string | null;
const on = (given: Given, column: string, where: (value: string) => string): string | null => {
  const value = given(column);
  return value === null ? null : where(value);
};
const noJson = (value: string) => `${value} IS NOT NULL AND NOT json_valid(${value})`;

function ofTable(name: TableName, given: Given): [string, string | null][] {
  if (name === 'users') {
    return [
      ['a plan that nobody knows here: it counts as free', on(given, 'plan', (v) => `${v} NOT IN ('free', 'pro')`)],
      ['credits below zero: his account will have none', on(given, 'credits', (v) => `${v} < 0`)],
      [
        `an id of more than ${MAX_USER_ID} characters: no account can have it`,
        on(given, 'id', (v) => `length(${v}) > ${MAX_USER_ID}`),
      ],
    ];
  }
  if (name === 'rules') {
    return [
      ['a preset that nobody knows here', on(given, 'preset_id', (v) => `${v} NOT IN ('interior', 'seller')`)],
      ['concepts_json is no JSON', on(given, 'concepts_json', noJson)],
      ['protect_json is no JSON', on(given, 'protect_json', noJson)],
    ];
  }
  if (name !== 'jobs_log') return [];
  return [
    ['it was under way: nobody works on it', on(given, 'status', (v) => `${v} IN ${listOf(LIVE)}`)],
    ['a state that nobody knows here', on(given, 'status', (v) => `${v} NOT IN ${listOf([...LIVE, ...ENDED])}`)],
  ];
}

function orphan(name: TableName, given: Given, find: (other: TableName) => Table | null): [string, string | null] {
  const owner = OWNER[name];
  const value = owner === undefined ? null : given(owner.column);
  if (owner === undefined || value === null) return ['', null];
  const table = find(owner.table);
  const id = table === null ? null : columnOf(table, owner.id);
  if (table === null || id === null) return [owner.what, '1'];
  const known = `SELECT CAST(${nameOf(id)} AS TEXT) FROM ${nameOf(table.name)} WHERE ${nameOf(id)} IS NOT NULL`;
  return [owner.what, `CAST(${value} AS TEXT) NOT IN (${known})`];
}

/** What an odd row is called in a list. */
export function labelOf(name: TableName, source: Table): string {
  const parts = TARGET[name].key.map((key) => {
    const found = columnOf(source, key);
    return found === null ? "'(none)'" : `coalesce(CAST(${nameOf(found)} AS TEXT), '(none)')`;
  });
  return parts.join(" || ' ' || ");
}
