/** What `@s3-workers/client-sdk/messages` exports: words for people, for every error of this package. */
import { isS3Error } from '../errors.ts';
import { en, englishFile } from './en.ts';
import { ko, koreanFile } from './ko.ts';
import type { FileText, TextedFile, Texts } from './texts.ts';

export { actions, textures, tones } from './names.ts';

export type Language = 'en' | 'ko';

const FILE_TEXTS: Record<Language, FileText> = { en: englishFile, ko: koreanFile };
const TEXTS: Record<Language, Texts> = { en, ko };

/**
 * What to tell a person about an error that this package threw; whatever else it is counts as an error of the server.
 * @param timeZone IANA name in which times are written; the device's own when left out
 */
export function errorText(error: unknown, language: Language, timeZone?: string): string {
  const texts = TEXTS[language];
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const at = (iso: string): string => format.format(new Date(iso));
  if (!isS3Error(error)) return texts.INTERNAL_ERROR(null, at);
  const write = texts[error.code] as (data: unknown, when: typeof at) => string;
  return write(error.data, at);
}

/** What to tell a person about a file that was refused, or that is none of the photos a job waits for: why, and what can be done. */
export const fileText = (file: TextedFile, language: Language): string => FILE_TEXTS[language](file);
