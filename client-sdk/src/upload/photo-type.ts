/** What a file is, told by its first bytes: names and declared types lie. */
import type { PhotoType } from '../../../server/src/contract/limits.ts';

/** Enough bytes to tell every type below, and a page of HTML behind white space. */
export const HEAD_BYTES = 256;

const startsWith = (head: Uint8Array, bytes: readonly number[], at = 0): boolean =>
  bytes.every((byte, i) => head[at + i] === byte);

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a];
const RIFF = ascii('RIFF');
const WEBP = ascii('WEBP');

/** A tag, a doctype or a comment at the start, after UTF-8's byte order mark and white space; bytes as characters, as React Native has no TextDecoder. */
const MARKUP = /^(?:\xEF\xBB\xBF)?\s*<(?:!doctype\s+html|html|head|body|script|!--)/i;

/** The photo type that the first bytes of a file show; `html` for a web page, such as a saved error page; null for anything else. */
export function sniff(head: Uint8Array): PhotoType | 'html' | null {
  if (startsWith(head, JPEG)) return 'image/jpeg';
  if (startsWith(head, PNG)) return 'image/png';
  if (startsWith(head, RIFF) && startsWith(head, WEBP, 8)) return 'image/webp';
  return MARKUP.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES))) ? 'html' : null;
}
