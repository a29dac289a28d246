/** The table that `npm run sdk:verify` prints. */
import { columns, RULE } from '../../../start/table.ts';

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
  const cells = rows.map(({ what, limit, value, ok }) => [what, limit, value, ok ? '✔' : '✘']);
  return columns([['check', 'limit', 'value', ''], RULE, ...cells], [-1, -1, -1, -1]);
}
