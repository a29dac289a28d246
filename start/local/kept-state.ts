/**
 * What `npm run dev` keeps under .wrangler/state was written by some checkout. Objects and D1 migrate from what earlier ones stored;
 * what no migration leads from (an unmarked folder, or one that a later checkout wrote) is put aside, so that dev always starts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How many migrations what is stored went through, of each kind. */
export type Migrations = { user: number; job: number; d1: number };
const KINDS = ['user', 'job', 'd1'] as const;

/** Prepares the folder for a checkout with these migrations. @returns where what lay there was put aside; null when it goes on */
export function keepOrPutAside(folder: string, ours: Migrations): string | null {
  const mark = path.join(folder, '.migrations.json');
  const unused = !existsSync(folder) || readdirSync(folder).every((name) => name.startsWith('.'));
  let aside: string | null = null;
  if (!unused && !leadsTo(readMark(mark), ours)) {
    aside = freeName(`${folder}-before`);
    renameSync(folder, aside);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, JSON.stringify(ours));
  return aside;
}

function readMark(file: string): Partial<Migrations> | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Migrations>;
  } catch {
    return null;
  }
}

const leadsTo = (stored: Partial<Migrations> | null, ours: Migrations): boolean =>
  stored !== null && KINDS.every((kind) => (stored[kind] ?? Number.POSITIVE_INFINITY) <= ours[kind]);

function freeName(wanted: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${wanted}-${n}`)) return `${wanted}-${n}`;
}
