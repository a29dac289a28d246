/** Tables for the terminal and for docs/, and the marked places in docs/ that they go to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../../start/paths.ts';
import { columns } from '../../start/table.ts';

export type Table = { title: string; head: string[]; rows: string[][] };

/** At least three digits, without what nobody measures. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(Number.isInteger(value) ? 0 : digits);
}

export const verdict = (value: number, limit: number): string =>
  Number.isNaN(value) ? 'not measured' : value <= limit ? 'within' : 'ABOVE';

/** Columns by their widest cell; those of numbers to the right. */
function plain({ title, head, rows }: Table): string {
  const isNumber = (at: number) => rows.every((row) => /^[-–\d.]+$/.test(row[at] ?? ''));
  const widths = head.map((_, at) => (isNumber(at) ? 1 : -1));
  return `\n${title}\n\n${columns([head, ...rows], widths)}`;
}

function markdown({ title, head, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [`### ${title}\n`, line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Prints them. @param place the page under docs/, and the section of it, that they are put into; null: nowhere @param command that makes them */
export function publish(
  tables: readonly Table[],
  place: [page: string, section: string] | null,
  command: string,
): void {
  for (const table of tables) console.log(plain(table));
  if (place === null) return;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${process.platform} ${process.arch}, Node ${process.versions.node}, ${cores()} cores`;
  const told = `Measured ${day}, ${machine}. Command: \`${command} --write\`.`;
  writeSection(...place, [told, ...tables.map(markdown)].join('\n\n'));
  console.log(`\nwritten into docs/${place[0]}`);
}

/** Puts text between `<!-- name -->` and `<!-- /name -->` of a page under docs/. */
function writeSection(page: string, name: string, text: string): void {
  const file = fromRoot('docs', page);
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest, ...more] = readFileSync(file, 'utf8').split(open);
  const [, after] = rest?.split(close) ?? [];
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`docs/${page} has no ${open} … ${close}`);
  writeFileSync(file, `${before}${open}\n\n${text.trim()}\n\n${close}${after}`);
}

const cores = (): number => readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length ?? 1;
