/** What a file is that can't be sent, so that whoever picked it hears what to do. By its bytes alone. */
import type { InvalidFileReason } from '../../errors.ts';
import { type Pages, uint } from './pages.ts';

/** How files of each kind begin, bytes as characters. */
const BEGINNINGS: readonly [InvalidFileReason, ...string[]][] = [
  ['gif', 'GIF87a', 'GIF89a'],
  ['jxl', '\xff\x0a', '\0\0\0\x0cJXL '],
  ['jpeg-2000', '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'],
  ['psd', '8BPS'],
  // Fujifilm, Panasonic, Olympus, Sigma, Minolta and old Canons; what looks like TIFF is told apart below.
  ['raw', 'FUJIFILMCCD-RAW', 'IIU\0', 'IIRO', 'IIRS', 'MMOR', 'FOVb', '\0MRM', 'II\x1a\0\0\0HEAPCCDR'],
  // Matroska and WebM, Flash, Windows Media, MPEG.
  ['video', '\x1aE\xdf\xa3', 'FLV\x01', '0&\xb2u\x8ef\xcf\x11', '\0\0\x01\xba', '\0\0\x01\xb3'],
  ['archive', 'PK\x03\x04', 'PK\x05\x06', 'Rar!\x1a', '7z\xbc\xaf', '\x1f\x8b'],
];
const TIFF = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];
/** QuickTime from before it had brands, behind the size of its first part. */
const OLD_QUICKTIME = /^.{4}(?:moov|mdat|wide|pnot|free|skip)/s;
/** AVI, and MPEG transport streams, without and with time stamps. */
const OTHER_VIDEO = /^(?:RIFF.{4}AVI |G.{187}G.{187}G|.{4}G.{191}G.{191}G)/s;
/** What may stand before the first tag: a byte order mark, the XML declaration, comments. */
const PROLOG = /^(?:\xef\xbb\xbf)?\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*/s;
const SVG = /^<(?:!doctype\s+)?svg\b/i;
const HTML = /^<(?:!doctype\s+html|html|head|body|script|!--)/i;
/** Control characters that a text may have. */
const WHITE = '\t\n\v\f\r\x1b';
const UTF_16 = /^(?:\xff\xfe|\xfe\xff)/;
/** Sizes of the header that follows a bitmap's first 14 bytes. */
const BITMAP_HEADERS = [12, 40, 52, 56, 64, 108, 124];

/** @param head the first page of the file */
export async function otherKind(head: string, pages: Pages): Promise<InvalidFileReason> {
  for (const [reason, ...beginnings] of BEGINNINGS) if (beginnings.some((one) => head.startsWith(one))) return reason;
  if (head.startsWith('ftyp', 4)) return kindOfBrand(head);
  if (TIFF.some((one) => head.startsWith(one))) return (await isRaw(head, pages)) ? 'raw' : 'tiff';
  if (OTHER_VIDEO.test(head) || (head < '\x02' && OLD_QUICKTIME.test(head))) return 'video';
  if (head.startsWith('BM') && BITMAP_HEADERS.includes(uint(await pages.from(14, 4), 0, 4, true))) return 'bmp';
  if (head.slice(0, 1_024).includes('%PDF-')) return 'pdf';
  const markup = head.replace(PROLOG, '');
  if (SVG.test(markup)) return 'svg';
  // A page that was saved may begin with a comment on it that is longer than what is looked at here.
  if (HTML.test(markup) || (markup === '' && head.includes('<!--'))) return 'html';
  return UTF_16.test(head) || isText(head) ? 'text' : 'unknown-type';
}

const isText = (head: string): boolean => [...head].every((char) => char >= ' ' || WHITE.includes(char));

/** Files of ISO 14496-12 say what they are by brands: the main one, then those that they are as well. */
function kindOfBrand(head: string): InvalidFileReason {
  const [main = '', , ...others] =
    head.slice(8, Math.min(uint(codes(head.slice(0, 4)), 0, 4), 128)).match(/.{4}/gs) ?? [];
  if (/^avi[fs]/.test(main)) return 'avif';
  if (/^(?:mif|msf|miaf)/.test(main)) return others.some((one) => /^avi[fs]/.test(one)) ? 'avif' : 'heic';
  if (/^he[iv][cxms]/.test(main)) return 'heic';
  return main === 'crx ' ? 'raw' : 'video';
}

const codes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Entries of a first directory that are looked at. */
const MOST_ENTRIES = 200;
/** Tags: who made the camera, directories below this one, and Adobe's version number of DNG. */
const MAKE = 0x010f;
const SUB_DIRECTORIES = 0x014a;
const DNG_VERSION = 0xc612;

/** Whether what looks like TIFF is a camera's: it says so (DNG, CR2), or has its pixels in a directory below that of a camera's thumbnail. */
async function isRaw(head: string, pages: Pages): Promise<boolean> {
  if (head.startsWith('CR', 8)) return true;
  const little = head.startsWith('II');
  const read = (bytes: Uint8Array, at: number, size: number) => uint(bytes, at, size, little);
  const offset = read(await pages.from(4, 4), 0, 4);
  const count = Math.min(read(await pages.from(offset || 0, 2), 0, 2) || 0, MOST_ENTRIES);
  const entries = await pages.from(offset + 2 || 0, count * 12);
  const tags = new Set(Array.from({ length: count }, (_, i) => read(entries, i * 12, 2)));
  return tags.has(DNG_VERSION) || (tags.has(MAKE) && tags.has(SUB_DIRECTORIES));
}
