/** The look into storage at a job's end: which objects are results, and why another one is none. */
import type { OutputType } from '../../contract/gpu-message.ts';
import { cutText } from '../../contract/text.ts';
import { type Bitmap, EMPTY } from '../bitmap.ts';

/** What the look found, by photo. `reasons`: why what lies under a result's key is none. */
export type Look = { results: Bitmap; previews: Bitmap; reasons: ReadonlyMap<number, string> };
export const NOTHING_FOUND: Look = { results: EMPTY, previews: EMPTY, reasons: new Map() };

export const RESULT_MISSING = 'the result is not in storage';
const RESULT_EMPTY = 'the result in storage is empty';
export const NO_PICTURE = 'the result in storage is no picture';

/** An object as a LIST shows it. `type`: the content type that it was stored with. */
export type Listed = { bytes: number; type: string | undefined };

/** `unclear`: only its first bytes tell. */
export type Verdict = { kind: 'result' | 'unclear' } | { kind: 'none'; reason: string };

/** No photo is made into fewer bytes, in any of the formats. */
const SMALLEST_USUAL = 1024;
/** What storage and HTTP clients say when nobody told them a type. */
const UNTYPED: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);
/** Asked for where nothing else is, and written by a worker that knows of no other. */
const USUAL_TYPE: OutputType = 'image/png';
const MAX_TYPE = 60;

/** Without parameters, in small letters. */
const plainType = (type = ''): string => {
  const plain = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return plain === 'image/jpg' ? 'image/jpeg' : plain;
};

/** Whether an object is a result, as far as a LIST tells. @param asked the type that the job's results are asked for in */
export function judge({ bytes, type }: Listed, asked: OutputType): Verdict {
  if (bytes === 0) return { kind: 'none', reason: RESULT_EMPTY };
  const plain = plainType(type);
  if (UNTYPED.has(plain)) return { kind: 'unclear' };
  if (plain !== asked && plain !== USUAL_TYPE) {
    return { kind: 'none', reason: `the result in storage is ${cutText(plain, MAX_TYPE)}, not ${asked}` };
  }
  return { kind: bytes < SMALLEST_USUAL ? 'unclear' : 'result' };
}

/** Whether an object can be shown as a preview. */
export function isPreview({ bytes, type }: Listed): boolean {
  const plain = plainType(type);
  return bytes > 0 && (plain.startsWith('image/') || UNTYPED.has(plain));
}

/** Bytes that {@link isPicture} looks at. */
export const HEAD_BYTES = 12;
const latin1 = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
/** How a file of each format begins, and where: https://www.w3.org/TR/png-3/#5PNG-file-signature, ITU-T T.81 B.1.1.3, RFC 9649. */
const BEGINNINGS: readonly (readonly [at: number, bytes: readonly number[]][])[] = [
  [[0, latin1('\x89PNG\r\n\x1a\n')]],
  [[0, latin1('\xff\xd8\xff')]],
  [
    [0, latin1('RIFF')],
    [8, latin1('WEBP')],
  ],
];

/** Whether a file that begins like this is a picture in one of the formats. */
export function isPicture(head: Uint8Array): boolean {
  return BEGINNINGS.some((parts) => parts.every(([at, bytes]) => bytes.every((byte, nth) => head[at + nth] === byte)));
}
