/** How a part of the page has its words: `const w = useWords(albumWords)`. Each part keeps its own beside it, so that it loads them when it is loaded. */
import { type Language, useLanguage } from './language.ts';

/** The same words in each language: what one has and the other lacks does not compile. */
export type Both<T> = { readonly [L in Language]: T };

export function useWords<T>(both: Both<T>): T {
  return both[useLanguage()];
}

/** A name as `presets.list` gives it. */
export function useNameOf(): (name: { en: string; ko: string }) => string {
  const language = useLanguage();
  return (name) => name[language];
}
