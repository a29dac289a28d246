/** The table that `npm run sdk:verify` prints. */

export interface Row {
  what: string;
  limit: string;
  value: string;
  ok: boolean;
  /** What went wrong, in full. */
  detail?: string;
}

/** At most 100 columns wide. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, limit, value, ok }) => [what, limit, value, ok ? '✔' : '✘'] as const);
  const all = [['check', 'limit', 'value', ''] as const, ...cells];
  const widths = [0, 1, 2].map((at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(all[0] as readonly string[]), rule, ...cells.map(line)].join('\n');
}
