// What a file is, by its first bytes whatever its name says: the three kinds that are worked on, and the names of those that are not, with
// what their owner can do.

export type PhotoKind = 'jpeg' | 'png' | 'webp';

const EXPORT = 'export it as JPEG';
const VIDEO = `a video: ${EXPORT} the picture that you want`;
const RAW = `a camera’s raw file: ${EXPORT}`;
const TIFF = `TIFF or a camera’s raw file: ${EXPORT}`;
const ARCHIVE = 'an archive: upload the photos in it one by one';
const HEIC = `HEIC, as iPhones save it: ${EXPORT}, or choose “Most Compatible” under Settings, Camera, Formats`;

/** By the brand in an ISO media file's first box. */
function mediaFile(brands: string): string {
  if (/avif|avis/.test(brands)) return `AVIF: ${EXPORT}`;
  if (/hei[cxms]|hev[cmxs]|mif1|msf1/.test(brands)) return HEIC;
  if (/crx /.test(brands)) return RAW;
  return VIDEO;
}

/** Beginnings of what is no photo to work on, byte for byte. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['GIF8', `a GIF: ${EXPORT}`],
  ['FUJIFILMCCD-RAW', RAW],
  ['IIRO', RAW],
  ['IIU\0', RAW],
  ['II*\0', TIFF],
  ['II+\0', TIFF],
  ['MM\0*', TIFF],
  ['MM\0+', TIFF],
  ['8BPS', `a Photoshop document: ${EXPORT}`],
  ['\xff\x0a', `JPEG XL: ${EXPORT}`],
  ['\0\0\0\x0cJXL ', `JPEG XL: ${EXPORT}`],
  ['\0\0\0\x0cjP  ', `JPEG 2000: ${EXPORT}`],
  ['\xff\x4f\xff\x51', `JPEG 2000: ${EXPORT}`],
  ['\0\0\x01\0', 'an icon'],
  ['PK\x03\x04', ARCHIVE],
  ['Rar!', ARCHIVE],
  ['7z\xbc\xaf', ARCHIVE],
  ['\x1f\x8b', ARCHIVE],
  ['\x1aE\xdf\xa3', VIDEO],
  ['\0\0\x01\xba', VIDEO],
];

/** What is told by more than its first bytes. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^.{0,1000}%PDF-/s, `a PDF: ${EXPORT}`],
  [/^BM.{4}\0{4}/s, `a BMP: ${EXPORT}`],
  [/^RIFF....AVI /s, VIDEO],
  [
    /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]/is,
    `an SVG drawing: ${EXPORT}`,
  ],
  [/^(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|script)/is, 'a web page'],
  [/^(\xef\xbb\xbf)?\s*(<\?xml|[{[])/, 'text'],
];

const nameOf = (start: string): string | undefined =>
  (BEGINNINGS.find(([beginning]) => start.startsWith(beginning)) ?? FORMS.find(([form]) => form.test(start)))?.[1];

/** The kind, or in words why it is none. */
export function kindOf(bytes: Uint8Array): { readonly kind: PhotoKind } | { readonly refused: string } {
  const start = Buffer.from(bytes.subarray(0, 1100)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return { kind: 'jpeg' };
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return { kind: 'png' };
  if (/^RIFF....WEBP/s.test(start)) return { kind: 'webp' };
  const other = start.slice(4, 8) === 'ftyp' ? mediaFile(start.slice(8, 64)) : nameOf(start);
  return { refused: `the file is not a JPEG, PNG or WEBP photo${other === undefined ? '' : ` but ${other}`}` };
}
