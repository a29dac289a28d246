/** The tables of settings in docs/DEPLOY.md, and the times in its text that follow from settings. */
import { MAX_PHOTOS } from '../../server/src/contract/limits.ts';
import { NUMBERS, type NumberName } from '../../server/src/settings/names.ts';
import { NUMBER_WORDS, SECRET_WORDS, TEXT_WORDS } from './setting-words.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A value of a setting in its largest whole unit: `1 h`; numbers that are no times as they are. */
export function inUnits(name: string, value: number): string {
  if (value === 0) return '0';
  const factor = name.endsWith('_MS') ? 1 : name.endsWith('_SECONDS') ? 1000 : null;
  if (factor === null) return value.toLocaleString('en');
  const ms = value * factor;
  const [unit, size] = UNITS.find(([, one]) => ms % one === 0) ?? ['ms', 1];
  return `${(ms / size).toLocaleString('en')} ${unit}`;
}

const lines = (head: string, rows: string[]): string => [head, head.replace(/[^|]+/g, '---'), ...rows].join('\n');

export function settingTables(): { texts: string; secrets: string; numbers: string } {
  const plain = (words: Record<string, string>) =>
    Object.entries(words).map(([name, what]) => `| \`${name}\` | ${what} |`);
  const numbers = Object.entries(NUMBERS).map(([name, [usual, least, most]]) => {
    const [a, b, c] = [usual, least, most].map((value) => inUnits(name, value));
    return `| \`${name}\` | ${NUMBER_WORDS[name as NumberName]} | ${a} | ${b} to ${c} |`;
  });
  return {
    texts: lines('| setting | what it is |', plain(TEXT_WORDS)),
    secrets: lines('| secret | what it is |', plain(SECRET_WORDS)),
    numbers: lines('| setting | what it is | default | from, to |', numbers),
  };
}

type Numbers = Record<NumberName, number>;
export const defaults = (): Numbers =>
  Object.fromEntries(Object.entries(NUMBERS).map(([name, [usual]]) => [name, usual])) as Numbers;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long an old secret has to stay beside a new one. SigV4 signs for a week at most. */
export function overlaps(numbers: Numbers): { r2Hours: number; jwtDays: number; callbackDays: number } {
  const run = numbers.JOB_LEASE_MS + MAX_PHOTOS * numbers.JOB_ATTEMPT_PER_PHOTO_MS;
  const longest = Math.max(run, numbers.UPLOAD_URL_SECONDS * 1000, numbers.DOWNLOAD_URL_SECONDS * 1000);
  return {
    r2Hours: Math.ceil(Math.min(longest, 7 * DAY) / HOUR),
    jwtDays: Math.ceil(((numbers.TOKEN_SECONDS + numbers.TOKEN_RENEW_SECONDS) * 1000) / DAY),
    callbackDays: Math.ceil(numbers.JOB_EXECUTION_MS / DAY),
  };
}
