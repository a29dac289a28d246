/** The five tables as migrations/0001_schema.sql makes them, and what each column holds. */

export const TABLES = ['users', 'rules', 'jobs_log', 'job_items_log', 'billing_events'] as const;
export type TableName = (typeof TABLES)[number];

export type Column = {
  name: string;
  /** `id`: names a row or its owner; `time`: milliseconds since the Unix epoch. */
  kind: 'id' | 'text' | 'whole' | 'time';
  /** Of a column that may not be NULL: what stands there where nothing else is known, or the column whose value does. */
  otherwise?: { value: string } | { column: string };
};
export type Target = {
  /** Columns whose values name a row. */
  key: readonly string[];
  columns: readonly Column[];
};

const id = (name: string): Column => ({ name, kind: 'id' });
const text = (name: string, value?: string): Column => ({
  ...{ name, kind: 'text' },
  ...(value !== undefined && { otherwise: { value: `'${value}'` } }),
});
const whole = (name: string, value?: number): Column => ({
  ...{ name, kind: 'whole' },
  ...(value !== undefined && { otherwise: { value: String(value) } }),
});
const time = (name: string, otherwise?: Column['otherwise']): Column => ({
  ...{ name, kind: 'time' },
  ...(otherwise !== undefined && { otherwise }),
});
const created = time('created_at', { value: '0' });

export const TARGET: Record<TableName, Target> = {
  users: {
    key: ['id'],
    columns: [
      id('id'),
      text('plan', 'free'),
      whole('credits', 0),
      text('auth_provider'),
      text('email'),
      text('device_hash'),
      created,
    ],
  },
  rules: {
    key: ['id'],
    columns: [
      id('id'),
      id('user_id'),
      text('name', ''),
      text('preset_id', ''),
      text('concepts_json', '{}'),
      text('protect_json'),
      created,
      time('updated_at', { column: 'created_at' }),
    ],
  },
  jobs_log: {
    key: ['job_id'],
    columns: [
      id('job_id'),
      id('user_id'),
      text('status', 'unknown'),
      ...['preset', 'rule_id', 'concepts_json', 'protect_json', 'params_json'].map((name) => text(name)),
      whole('cost_estimate'),
      text('error'),
      created,
      time('finished_at'),
    ],
  },
  job_items_log: {
    key: ['job_id', 'idx'],
    columns: [
      id('job_id'),
      { name: 'idx', kind: 'whole' },
      text('status', 'unknown'),
      ...['input_key', 'output_key', 'preview_key', 'error'].map((name) => text(name)),
    ],
  },
  billing_events: {
    key: ['id'],
    columns: [id('id'), id('user_id'), text('type', 'unknown'), whole('amount', 0), text('ref'), created],
  },
};

/** The indexes of 0001, by name, and the table of each. */
export const INDEXES: Record<string, { table: TableName; column: string }> = {
  idx_rules_user_id: { table: 'rules', column: 'user_id' },
  idx_jobs_log_user_id: { table: 'jobs_log', column: 'user_id' },
  idx_job_items_log_job_id: { table: 'job_items_log', column: 'job_id' },
  idx_billing_events_user_id: { table: 'billing_events', column: 'user_id' },
};

/** Names that later migrations give, so that nothing else may have them. */
export const LATER_INDEXES = ['idx_jobs_log_dead_letters'];
export const LATER_TABLES = [...TABLES.map((table) => `${table}_new`), 'reconcile_round'];

/** Columns that the tables have only from 0002 on. */
export const SINCE_0002: Partial<Record<TableName, readonly string[]>> = {
  users: ['version'],
  rules: ['deleted_at', 'version'],
  jobs_log: ['done', 'failed', 'total'],
};

/** Columns that name a row, or its owner: a row without one cannot be carried over. */
export const neededOf = ({ key, columns }: Target): string[] =>
  columns.filter(({ kind, name }) => kind === 'id' || key.includes(name)).map(({ name }) => name);

export const typeOf = ({ kind }: Column): 'TEXT' | 'INTEGER' => (kind === 'id' || kind === 'text' ? 'TEXT' : 'INTEGER');
const notNull = ({ key }: Target, { name, kind, otherwise }: Column): boolean =>
  otherwise !== undefined ||
  (kind === 'id' && !(key.length === 1 && key[0] === name)) ||
  (key.length > 1 && key.includes(name));

/** The table under this name. */
export function createTable(table: TableName, name: string): string {
  const target = TARGET[table];
  const columns = target.columns.map((column) => {
    const primary = target.key.length === 1 && target.key[0] === column.name ? ' PRIMARY KEY' : '';
    const defaults =
      table === 'users' && column.otherwise !== undefined && 'value' in column.otherwise && column.kind !== 'time';
    const given =
      defaults && 'value' in (column.otherwise ?? {})
        ? ` DEFAULT ${(column.otherwise as { value: string }).value}`
        : '';
    return `${column.name} ${typeOf(column)}${primary}${notNull(target, column) ? ' NOT NULL' : ''}${given}`;
  });
  if (target.key.length > 1) columns.push(`PRIMARY KEY (${target.key.join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS "${name}" (${columns.join(', ')})`;
}

/** The columns as SQLite tells them of a table that 0001 made: name, type, whether NULL is refused, place in the primary key. */
export const columnsOf = (table: TableName): [string, string, number, number][] => {
  const target = TARGET[table];
  return target.columns.map((column) => [
    column.name,
    typeOf(column),
    notNull(target, column) ? 1 : 0,
    target.key.indexOf(column.name) + 1,
  ]);
};
