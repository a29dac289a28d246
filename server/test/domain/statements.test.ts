/** No statement takes more than five values by position: what belongs together is bound once, as JSON. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const SRC = path.join(import.meta.dirname, '..', '..', 'src');
const TEXT = /`[^`]*`|'[^'\n]*'|"[^"\n]*"/g;
const STATEMENT = /\b(SELECT|INSERT|UPDATE|DELETE|WITH)\b.*\?/s;

/** How many values it takes. */
function bindsOf(sql: string): number {
  const numbers = [...sql.matchAll(/\?(\d*)/g)].map(([, number]) => number);
  return Math.max(numbers.length && numbers.every((n) => n === '') ? numbers.length : 0, ...numbers.map(Number));
}

const FILES = globSync(['db/*.ts', 'durable-objects/user-limiter/**/*.ts'], { cwd: SRC });

test.each(FILES)('%s', (file) => {
  const source = readFileSync(path.join(SRC, file), 'utf8').replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, '');
  const statements = (source.match(TEXT) ?? []).filter((text) => STATEMENT.test(text));
  expect(statements.filter((sql) => bindsOf(sql) > 5)).toEqual([]);
});

test('values are counted by their highest number, or one by one', () => {
  expect(bindsOf('UPDATE a SET b = ?, c = ?')).toBe(2);
  expect(bindsOf('UPDATE a SET b = ?1, c = ?1, d = ?6')).toBe(6);
});
