/** How often each kind of case was answered with which status and code, and the table of it. */
import type { Reply } from '../world/bundle/http.ts';

export class Tally {
  readonly #counts = new Map<string, number>();
  cases = 0;

  add(kind: string, { status, code }: Reply): void {
    this.cases++;
    const name = `${kind.padEnd(10)}${String(status).padEnd(6)}${code ?? (status < 400 ? 'success' : 'refused as a stream')}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  table(): string {
    const rows = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const line = `  ${'─'.repeat(50)}`;
    const row = (name: string, count: number) => `  ${name.padEnd(40)}${count.toLocaleString('en-US').padStart(10)}`;
    return [
      `  ${'case'.padEnd(10)}${'status'.padEnd(6)} ${'answer'.padEnd(23)}${'cases'.padStart(10)}`,
      line,
      ...rows.map(([name, count]) => row(name, count)),
      line,
      row('all', this.cases),
    ].join('\n');
  }
}
