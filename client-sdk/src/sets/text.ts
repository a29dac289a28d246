/** Lines of text by their measured width. Hangul may be parted anywhere, words of other scripts stay whole where they can. */

/** Pixels that a text takes. */
export type Measured = (text: string) => number;

export interface Lines {
  readonly lines: readonly string[];
  /** Whether something was left out. */
  readonly clipped: boolean;
}

/** What may not be parted: a letter with its marks, an emoji with what joins it. */
const LETTER = /\P{M}(?:\p{M}|\u200d\P{M}|[\u{1f3fb}-\u{1f3ff}])*/gu;
const PARTED = /[\p{sc=Hangul}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u;
/** What no line may begin with. */
const CLOSING = /^[,.:;!?)\]}·…、。」』]$/u;
/** A word in Hangul that is shorter than this share of a line is easier read whole. */
const SHORT = 0.7;

const lettersOf = (text: string): string[] => text.match(LETTER) ?? [];

/** As it can be drawn on one line: letters composed (as macOS does not have them in file names), nothing that turns or breaks the line. */
export const plain = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Lines no wider than `width`, `most` of them; the last ends in … where there would be more. */
export function wrapped(text: string, width: number, most: number, measured: Measured): Lines {
  const lines: string[] = [];
  let line = '';
  const next = (begin: string) => {
    if (line !== '') lines.push(line);
    line = begin;
  };
  for (const word of plain(text).split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    const parted = PARTED.test(word);
    if (measured(joined) <= width) line = joined;
    else if (measured(word) <= width * (parted ? SHORT : 1)) next(word);
    else {
      if (!parted) next('');
      let apart = line === '' ? '' : ' ';
      for (const letter of lettersOf(word)) {
        if (measured(line + apart + letter) <= width) line += apart + letter;
        else {
          const before = apart === '' && CLOSING.test(letter) ? lettersOf(line) : [];
          const last = before.length > 1 ? (before.at(-1) as string) : '';
          line = line.slice(0, line.length - last.length);
          next(last + letter);
        }
        apart = '';
      }
    }
  }
  next('');
  if (lines.length <= most) return { lines, clipped: false };
  const rest = lines.slice(most - 1).join(' ');
  return { lines: [...lines.slice(0, most - 1), ended(rest, width, measured)], clipped: true };
}

/** On one line, with … in the middle: what tells long names apart is often at their end. */
export function shortened(text: string, width: number, measured: Measured): string {
  const line = plain(text);
  const letters = lettersOf(line);
  if (measured(line) <= width) return line;
  const around = (kept: number) =>
    `${letters.slice(0, (kept + 1) >> 1).join('')}…${letters.slice(letters.length - (kept >> 1)).join('')}`;
  return longest(letters.length, around, width, measured);
}

function ended(text: string, width: number, measured: Measured): string {
  const letters = lettersOf(text);
  const begin = (kept: number) =>
    `${letters
      .slice(0, kept)
      .join('')
      .replace(/[\s·,;:]+$/, '')}…`;
  return longest(letters.length, begin, width, measured);
}

/** With as many letters as fit. */
function longest(letters: number, textOf: (kept: number) => string, width: number, measured: Measured): string {
  let [low, high] = [0, letters];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measured(textOf(middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return textOf(low);
}
