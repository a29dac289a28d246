/** Which language is spoken: the browser's, or the one that was chosen here, which is kept. */
import type { Language } from '@s3-workers/client-sdk/messages';
import { kept, useKept } from '../app/kept.ts';

export type { Language } from '@s3-workers/client-sdk/messages';

/** @param preferred BCP 47 tags, the best first */
export const spokenOf = (preferred: readonly string[]): Language =>
  preferred.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'ko' || tag === 'en') === 'ko'
    ? 'ko'
    : 'en';

const asLanguage = (value: unknown): Language | null => (value === 'ko' || value === 'en' ? value : null);
const chosen = kept<Language>('language', spokenOf(navigator.languages), asLanguage);

export const useLanguage = (): Language => useKept(chosen);
export const chooseLanguage = (language: Language): void => chosen.put(language);
/** For what is outside of React. */
export const languageNow = (): Language => chosen.read();
