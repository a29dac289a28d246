/** The rule that says which changes of the client's public API need a new major version. */
import { expect, test } from 'vitest';
import { breaking, mayBreak } from '../checks/api/compare.ts';

const before = `/** Doc. */
export interface JobItem {
  /** Doc. */
  idx: number;
  error?: string | undefined;
}
export interface PageInput {
  cursor?: string | undefined;
}
export declare function isS3Error(error: unknown): boolean;
export declare function isS3Error(error: unknown, code: string): boolean;
export {};
`;

test('the same API, with other comments and in another order, breaks nothing', () => {
  const [, item = '', rest = ''] = /^([\s\S]*?\n\})\n([\s\S]*)$/.exec(before) ?? [];
  expect(breaking(before, `${rest}\n${item.replaceAll('Doc', 'Other')}`)).toEqual([]);
});

test('new exports, members and optional inputs break nothing', () => {
  const after = before
    .replace('idx: number;', 'idx: number;\n  name: string;')
    .replace('cursor?', 'limit?: number | undefined;\n  cursor?')
    .replace('export {}', 'export type New = 1;\nexport {}');
  expect(breaking(before, after)).toEqual([]);
});

test('an optional property more in an object on one line breaks nothing; one less, or one that is required, does', () => {
  const known = `export interface Data {\n  LIMIT: { seconds: number };\n}\n`;
  const more = known.replace('number }', 'number; until?: string }');
  expect(breaking(known, more)).toEqual([]);
  expect(breaking(more, known)).toHaveLength(1);
  expect(breaking(known, more.replace('until?', 'until'))).toHaveLength(1);
});

test('a removed export, a removed overload and a removed member are named', () => {
  expect(breaking(before, before.replaceAll('isS3Error', 'isError'))).toEqual(['isS3Error is gone']);
  const overload = 'export declare function isS3Error(error: unknown): boolean;';
  expect(breaking(before, before.replace(`${overload}\n`, ''))).toEqual([
    `isS3Error: \`${overload}\` is gone or changed`,
  ]);
  expect(breaking(before, before.replace('  idx: number;\n', ''))).toEqual([
    'JobItem: `idx: number;` is gone or changed',
  ]);
});

test('a changed type is named', () => {
  expect(breaking(before, before.replace('idx: number', 'idx: string'))).toEqual([
    'JobItem: `idx: number;` is gone or changed',
  ]);
});

test('a property that an input has to have now is named; in an output it breaks nothing', () => {
  expect(breaking(before, before.replace('  cursor?', '  userId: string;\n  cursor?'))).toEqual([
    'PageInput: `userId: string;` has to be given now',
  ]);
});

test('a major version may break, and a minor one below 1.0', () => {
  expect([mayBreak('1.4.0', '2.0.0'), mayBreak('0.1.9', '0.2.0'), mayBreak('0.9.0', '1.0.0')]).toEqual([
    true,
    true,
    true,
  ]);
  expect([
    mayBreak('1.4.0', '1.5.0'),
    mayBreak('0.1.0', '0.1.1'),
    mayBreak('1.0.0', '0.9.0'),
    mayBreak('1.9.0', '1.9.0'),
  ]).toEqual([false, false, false, false]);
});
