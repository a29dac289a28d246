/** What a language has to say: a text for every error and for every file that can't be sent. */
import type { InvalidFile, S3ErrorCode, S3ErrorDataByCode } from '../errors.ts';
import type { UnmatchedFile } from '../job/types.ts';

/** @internal One sentence or two for each code: what happened, what it means, what can be done. `at` writes a moment. */
export type Texts = {
  [C in S3ErrorCode]: (data: S3ErrorDataByCode[C], at: (iso: string) => string) => string;
};

/** Of `refused`, INVALID_FILE or `waiting.unmatched`. */
export type TextedFile = Pick<InvalidFile | UnmatchedFile, 'name' | 'reason'>;

/** @internal */
export type FileText = (file: TextedFile) => string;
