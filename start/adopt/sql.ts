/** What runs the statements of an adoption, and how names and texts stand in them. */

export type Row = Record<string, unknown>;

/** A database of SQLite: D1 through wrangler, or a file. */
export type Database = {
  /** One statement after the other, each a commit of its own. @returns the rows of each */
  run(statements: readonly string[]): Promise<Row[][]>;
};

export const textOf = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const nameOf = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const listOf = (values: readonly string[]): string => `(${values.map(textOf).join(', ')})`;
