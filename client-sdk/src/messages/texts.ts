/** What a language has to say: a text for every error and for every file that can't be sent. */
import type { InvalidFile, S3ErrorCode, S3ErrorDataByCode } from '../errors.ts';

/** @internal One sentence or two for each code: what happened, what it means, what can be done. `at` writes a moment. */
export type Texts = {
  [C in S3ErrorCode]: (data: S3ErrorDataByCode[C], at: (iso: string) => string) => string;
};

/** @internal */
export type FileText = (file: InvalidFile) => string;
