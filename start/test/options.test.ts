/** How commands read what they were asked to do, and put what they found into columns. */
import { describe, expect, test } from 'vitest';
import { flag, oneOf, optionsOf, text, texts, whole } from '../options.ts';
import { columns, RULE } from '../table.ts';

describe('options', () => {
  const spec = {
    only: text(null),
    cases: whole(20, 1, 100),
    as: oneOf(['a', 'b'], 'a'),
    photos: texts,
    list: flag(),
    help: flag('h'),
  };
  const read = (...args: string[]) => optionsOf(spec, args, 'the usage');

  test('what is left out is what was said to be so then', () => {
    expect(read()).toEqual({ only: null, cases: 20, as: 'a', photos: [], list: false, help: false });
  });

  test('what is given is read as what it is', () => {
    const given = read('--only', 'x', '--cases', '7', '--as', 'b', '--photos', '1', '--photos', '2', '--list', '-h');
    expect(given).toEqual({ only: 'x', cases: 7, as: 'b', photos: ['1', '2'], list: true, help: true });
  });

  test.each([
    [['--cases', '0'], '--cases is a whole number from 1 to 100'],
    [['--cases', '1.5'], '--cases is a whole number from 1 to 100'],
    [['--cases', 'x'], '--cases is a whole number from 1 to 100'],
    [['--as', 'c'], '--as c: it is one of a, b'],
    [['--nope'], '--nope'],
    [['a word'], 'a word'],
  ])('%s is refused, with the usage', (args, why) => {
    expect(() => read(...args)).toThrow(why);
    expect(() => read(...args)).toThrow(/\n\nthe usage$/);
  });
});

test('columns are as wide as their widest cell, and no line is longer than told', () => {
  const rows = [['name', 'n'], RULE, ['a longer name', '1'], ['b', '1,000']];
  expect(columns(rows, [-6, 3], { margin: '  ', gap: ' ' }).split('\n')).toEqual([
    '  name              n',
    `  ${'─'.repeat(19)}`,
    '  a longer name     1',
    '  b             1,000',
  ]);
  expect(columns(rows, [-6, 3], { most: 10 }).split('\n')[2]).toBe('a longer …');
});
