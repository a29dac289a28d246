/** Sizes and times as people read them. */
import type { Language } from './language.ts';

/** `840 kB`, `12.4 MB`. */
export function bytesText(bytes: number, language: Language): string {
  const isSmall = bytes < 999_500;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: isSmall ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: isSmall || bytes >= 100e6 ? 0 : 1,
  }).format(Math.max(bytes > 0 ? 1 : 0, bytes / 1000) / (isSmall ? 1 : 1000));
}

const WORDS = {
  en: { soon: 'a few seconds', seconds: (n: number) => `about ${n} s`, minutes: (n: number) => `about ${n} min` },
  ko: { soon: '몇 초', seconds: (n: number) => `약 ${n}초`, minutes: (n: number) => `약 ${n}분` },
} satisfies Record<Language, object>;

/** As exact as anybody can be about what is still to come. @param ms milliseconds */
export function durationText(ms: number, language: Language): string {
  const words = WORDS[language];
  const seconds = ms / 1000;
  if (seconds < 8) return words.soon;
  if (seconds < 90) return words.seconds(Math.ceil(seconds / 5) * 5);
  return words.minutes(Math.ceil(seconds / 60));
}

export const percentText = (share: number): string => `${Math.floor(share * 100)} %`;

export const timeText = (time: Date, language: Language): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(time);
