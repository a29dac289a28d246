/**
 * Changes of what an object stores. A list of them is only ever appended to, since objects of every age are woken by every later
 * release: each step is applied once, in order, in one transaction, before anything is read. How many were applied stands in a
 * row that the object writes anyway (user: account.schema, job: the state), so that counting costs no row of its own.
 */
export type Migration = {
  /** Number and purpose, for whoever reads an error. */
  id: string;
  up(sql: SqlStorage): void;
};

/**
 * Applies what is missing. Call it in a transaction that also writes down the new count, which is `migrations.length`.
 * @param applied how many were applied before; 0 where nothing is stored yet
 * @returns whether anything was
 */
export function migrate(sql: SqlStorage, migrations: readonly Migration[], applied: number): boolean {
  if (applied > migrations.length) {
    const newest = migrations.at(-1)?.id ?? 'nothing';
    throw new Error(
      `this object was written by a later release: ${applied} migrations, and the last known is ${newest}`,
    );
  }
  for (const { up } of migrations.slice(applied)) up(sql);
  return applied < migrations.length;
}
