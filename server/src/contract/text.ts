/**
 * Text from outside that is kept or shown: cut where a character ends, and never anything that no UTF-8 can say. A length is counted in
 * UTF-16 code units, as everywhere in the contract.
 */

const HIGH_SURROGATE = /[\ud800-\udbff]/;
/** Made when it is needed first: most texts are short. */
let characters: Intl.Segmenter | undefined;

/**
 * At most `max` code units of the text. It ends with a whole character, as its reader sees one: no half of an emoji, no syllable without
 * its vowel. Lone surrogates, and NUL, at which a database would end the text, become U+FFFD.
 */
export function cutText(text: string, max: number): string {
  const clean = text.toWellFormed().replaceAll('\0', '\ufffd');
  if (clean.length <= max) return clean;
  characters ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
  // What comes after the character at the border says nothing about it, and may be long.
  const end = characters.segment(clean.slice(0, max * 2)).containing(max)?.index ?? max;
  if (end > 0) return clean.slice(0, end);
  // A single character that is longer than all the room there is: cut between its code points.
  return clean.slice(0, HIGH_SURROGATE.test(clean.charAt(max - 1)) ? max - 1 : max);
}

/**
 * Whatever leaves a mark of its own: not blanks, controls, zero-width and directional characters, fillers, the blank of Braille and of
 * music, marks without a letter that carries them, nor what is no character.
 */
const MARK = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{NChar}\u2800\u{1d159}]/u;

/** Whether anybody could see the text. */
export const isVisible = (text: string): boolean => MARK.test(text);
