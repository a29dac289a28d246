/** How often each kind of case was answered with which status and code, and the table of it. */
import { columns, RULE } from '../../start/table.ts';
import type { Reply } from '../world/bundle/http.ts';

export class Tally {
  readonly #counts = new Map<string, number>();
  cases = 0;

  add(kind: string, { status, code }: Reply): void {
    this.cases++;
    const name = [kind, status, code ?? (status < 400 ? 'success' : 'refused as a stream')].join('|');
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  table(): string {
    const counted = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = counted.map(([name, count]) => [...name.split('|'), count.toLocaleString('en-US')]);
    const all = ['all', '', '', this.cases.toLocaleString('en-US')];
    return columns([['case', 'status', 'answer', 'cases'], RULE, ...rows, RULE, all], [-8, -6, -22, 10], {
      margin: '  ',
    });
  }
}
