/**
 * What an object stores, and how it came to be so. Objects of every age are woken by every later release: each step is applied once,
 * in order, in one transaction, before anything is read. A new object makes today's tables at once, since each statement is paid for
 * per object. Which version its tables have stands in a row that the object writes anyway (user: account.schema, job: the state), so
 * that knowing costs no row of its own.
 */
export type Schema = {
  /** Today's tables. What an old object becomes step by step is the same. */
  tables: string;
  /** The first leads from version 1 to 2. Only ever appended to. */
  steps: readonly Migration[];
};

export type Migration = {
  /** The version that it leads to, and its purpose, for whoever reads an error. */
  id: string;
  up(sql: SqlStorage): void;
};

/** The version of today's tables. */
export const versionOf = ({ steps }: Schema): number => steps.length + 1;

/**
 * Applies the steps that are missing. Call it in a transaction that also writes down the new version. Tables of a later release, which
 * was taken back, stay as they are, and so does their version: what this release knows of them is still there, since later ones only add.
 * @param version of the tables that are there
 * @returns whether anything was applied
 */
export function migrate(sql: SqlStorage, schema: Schema, version: number): boolean {
  const { steps } = schema;
  for (const { up } of steps.slice(version - 1)) up(sql);
  return version < versionOf(schema);
}
