/** Text in columns, for the terminal. */

/** A line across the table, in the place of a row. */
export const RULE: readonly string[] = [];

type Layout = {
  /** What stands between two columns, and before the first. */
  gap?: string;
  margin?: string;
  /** No line is longer. */
  most?: number;
};

/**
 * @param widths of each column, as printf has them: the least, negative where cells stand to the left. A column grows with its widest cell.
 */
export function columns(rows: readonly (readonly string[])[], widths: readonly number[], layout: Layout = {}): string {
  const { gap = '  ', margin = '', most = Number.POSITIVE_INFINITY } = layout;
  const grown = widths.map((width, at) => Math.max(Math.abs(width), ...rows.map((row) => row[at]?.length ?? 0)));
  const full = grown.reduce((sum, width) => sum + width, gap.length * (grown.length - 1));
  const cell = (text: string, at: number) => {
    const width = grown[at] ?? 0;
    return (widths[at] ?? 0) > 0 ? text.padStart(width) : text.padEnd(width);
  };
  const line = (row: readonly string[]) => (row === RULE ? '─'.repeat(full) : row.map(cell).join(gap));
  return rows.map((row) => clip(`${margin}${line(row)}`.trimEnd(), most)).join('\n');
}

export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
