/** What was changed in words, and how words are broken into lines. */
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../server/src/domain/presets.ts';
import { describeChanges } from '../../src/sets/index.ts';
import { shortened, wrapped } from '../../src/sets/text.ts';

const interior = viewOf('interior');
const all = {
  concepts: {
    Floor: { action: 'recolor', value: 'oak' },
    Wall: { action: 'tone', value: 'warm' },
    Tile: { action: 'texture', value: 'marble' },
    Handle: { action: 'remove' },
    Door: { action: 'recolor', value: '#C27E6C' },
  },
  protect: ['Grout', 'Glass_highlight'],
};

describe('what was changed', () => {
  test('is told by the names of the preset, in English and Korean, with what was protected', () => {
    expect(describeChanges(all, interior, 'en').text).toBe(
      'Floor: colour changed to Oak · Wall: made warm · Tile: texture changed to marble · Handle: removed · ' +
        'Door: colour changed to #C27E6C · Left untouched: Grout, Glass highlight',
    );
    expect(describeChanges(all, interior, 'ko').text).toBe(
      '바닥: 오크 색으로 변경 · 벽: 톤을 따뜻하게 조정 · 타일: 대리석 질감으로 변경 · 손잡이: 사진에서 지움 · ' +
        '문: #C27E6C 색으로 변경 · 그대로 둔 부분: 줄눈, 유리 하이라이트',
    );
  });

  test('has the colours with their names, and the concepts by their ids', () => {
    const { changed, kept } = describeChanges(all, interior, 'ko');
    expect(changed.map(({ concept, colour }) => [concept, colour])).toEqual([
      ['Floor', { hex: '#C8A27A', name: '오크' }],
      ['Wall', null],
      ['Tile', null],
      ['Handle', null],
      ['Door', { hex: '#C27E6C', name: '#C27E6C' }],
    ]);
    expect(kept).toEqual(['줄눈', '유리 하이라이트']);
  });

  test('names the preset’s own protects where a look has none, and what the preset does not know by its id', () => {
    const told = describeChanges({ concepts: { Roof_Tile: { action: 'gild' }, Wall: undefined } }, interior, 'en');
    expect(told.text).toBe('Roof Tile: gild · Left untouched: Grout, Frame and molding, Glass highlight');
  });
});

/** Each letter is one wide. */
const measured = (text: string) => [...text.normalize('NFC')].length;
const lines = (text: string, width: number, most = 99) => wrapped(text, width, most, measured).lines;

describe('lines', () => {
  test('break between words; Hangul anywhere when a word is nearly a line long', () => {
    expect(lines('colour changed to Oak', 10)).toEqual(['colour', 'changed to', 'Oak']);
    expect(lines('줄눈, 유리 하이라이트', 8)).toEqual(['줄눈, 유리', '하이라이트']);
    expect(lines('가나다라마바사아자차카타파하', 6)).toEqual(['가나다라마바', '사아자차카타', '파하']);
    expect(lines('바닥: 가나다라마바사아', 8)).toEqual(['바닥: 가나다라', '마바사아']);
  });

  test('never begin with a mark that closes', () => {
    expect(lines('가나다라마바, 사', 6)).toEqual(['가나다라마', '바, 사']);
  });

  test('part a word of other scripts only when it is longer than a line, and no letter from its marks', () => {
    expect(lines('a verylongword b', 6)).toEqual(['a', 'verylo', 'ngword', 'b']);
    const family = '👩‍👧';
    expect(wrapped(`${family}${family}`, 3, 9, (text) => [...text].length).lines).toEqual([family, family]);
  });

  test('that are too many end in …, and it is told', () => {
    expect(wrapped('one two three four', 9, 1, measured)).toEqual({ lines: ['one two…'], clipped: true });
    expect(wrapped('one two', 9, 1, measured)).toEqual({ lines: ['one two'], clipped: false });
  });

  test('of names keep their beginning and end; names as macOS writes them are composed, and what turns the line is gone', () => {
    expect(shortened('living-room-window-02', 9, measured)).toBe('livi…w-02');
    expect(shortened('거실'.normalize('NFD'), 9, measured)).toBe('거실');
    expect(shortened('a\u202Eb\nc', 9, measured)).toBe('a b c');
  });
});
