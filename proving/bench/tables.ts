/** Tables for the terminal and for docs/, and the marked places in docs/ that they go to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../../start/paths.ts';
import { columns } from '../../start/table.ts';

export type Table = { head: string[]; rows: string[][] };

/** At least three digits, without what nobody measures. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(Number.isInteger(value) ? 0 : digits);
}

export const verdict = (value: number, limit: number): string =>
  Number.isNaN(value) ? 'not measured' : value <= limit ? 'within' : 'ABOVE';

/** Columns by their widest cell; those of numbers to the right. */
export function plain({ head, rows }: Table): string {
  const isNumber = (_: string, at: number) => rows.every((row) => /^[-–\d.]+$/.test(row[at] ?? ''));
  return columns(
    [head, ...rows],
    head.map((name, at) => (isNumber(name, at) ? 1 : -1)),
  );
}

export function markdown({ head, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts text between `<!-- name -->` and `<!-- /name -->` of a page under docs/. */
export function writeSection(page: string, name: string, text: string): void {
  const file = fromRoot('docs', page);
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest, ...more] = readFileSync(file, 'utf8').split(open);
  const [, after] = rest?.split(close) ?? [];
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`docs/${page} has no ${open} … ${close}`);
  writeFileSync(file, `${before}${open}\n\n${text.trim()}\n\n${close}${after}`);
}

/** What a report has to say of its circumstances. */
export function circumstances(): string {
  const day = new Date().toISOString().slice(0, 10);
  return `Measured ${day}, ${process.platform} ${process.arch}, Node ${process.versions.node}, ${cores()} cores.`;
}

const cores = (): number => readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 1;
