/** Files of every kind, as little of each as makes it one. The photos among them have headers and no pixels. */
import { bytes } from '../support.ts';

type Part = string | readonly number[];

const big = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);
const little = (value: number, count: number): number[] => big(value, count).reverse();

/** One segment of a JPEG. */
export const segment = (marker: number, ...payload: Part[]): number[] => {
  const body = bytes(...payload);
  return [0xff, marker, ...big(body.length + 2, 2), ...body];
};
export const frame = (width: number, height: number, marker = 0xc0): number[] =>
  segment(marker, [8, ...big(height, 2), ...big(width, 2), 1, 1, 0x11, 0]);
const SCAN = segment(0xda, [1, 1, 0, 0, 63, 0]);
const END = [0xff, 0xd9];

/** A JPEG of this size. @param before what stands before its frame */
export const jpeg = (width: number, height: number, before: Part[] = [segment(0xe0, 'JFIF\0')], marker = 0xc0) =>
  bytes([0xff, 0xd8], ...before, frame(width, height, marker), SCAN, [1, 2, 3], END);

const chunk = (type: string, ...payload: Part[]): number[] => {
  const body = bytes(...payload);
  return [...big(body.length, 4), ...bytes(type), ...body, 0, 0, 0, 0];
};
/** A PNG of this size; an APNG where it has `frames`. */
export const png = (width: number, height: number, frames?: number, before: Part[] = []) =>
  bytes(
    [0x89, ...bytes('PNG\r\n'), 0x1a, 0x0a],
    chunk('IHDR', big(width, 4), big(height, 4), [8, 2, 0, 0, 0]),
    ...before,
    ...(frames === undefined ? [] : [chunk('acTL', big(frames, 4), big(0, 4))]),
    chunk('IDAT', [1]),
    chunk('IEND'),
  );
export const textChunk = (length: number): number[] => chunk('tEXt', Array(length).fill(0x41));

const riff = (...payload: Part[]) => {
  const body = bytes('WEBP', ...payload);
  return bytes('RIFF', little(body.length, 4), [...body]);
};
const webpChunk = (type: string, payload: number[]): number[] => [
  ...bytes(type),
  ...little(payload.length, 4),
  ...payload,
];
export const webpLossy = (width: number, height: number) =>
  riff(webpChunk('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, ...little(width, 2), ...little(height, 2)]));
export const webpLossless = (width: number, height: number) =>
  riff(webpChunk('VP8L', [0x2f, ...little(width - 1 + (height - 1) * 0x4000, 4)]));
/** WebP with a canvas, in its extended form. */
export const webpExtended = (width: number, height: number, flags = 0) =>
  riff(webpChunk('VP8X', [flags, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3)]));
export const ANIMATION = 0x02;

/** A file of the family of MP4, by its brands. */
export const ftyp = (main: string, ...others: string[]) =>
  bytes(big(16 + 4 * others.length, 4), 'ftyp', main, [0, 0, 0, 0], ...others, big(8, 4), 'mdat');

/** Something like TIFF with these tags in its first directory, which stands where it is put. */
export function tiff(tags: number[], order: 'II' | 'MM' = 'II', at = 8) {
  const number = order === 'II' ? little : big;
  const directory = tags.flatMap((tag) => [...number(tag, 2), ...number(4, 2), ...number(1, 4), ...number(1, 4)]);
  const head = [...bytes(order), ...number(42, 2), ...number(at, 4)];
  return bytes(head, Array(at - 8).fill(0), number(tags.length, 2), directory);
}

const padded = (size: number, ...parts: Part[]) => {
  const start = bytes(...parts);
  return bytes([...start], Array(Math.max(0, size - start.length)).fill(0));
};
const packets = (size: number, at: number) => {
  const stream = new Uint8Array(size * 4).fill(0xff);
  for (let i = at; i < stream.length; i += size) stream[i] = 0x47;
  return stream;
};
/** Text as UTF-16, which begins with its byte order mark. */
const utf16 = (text: string) =>
  bytes(
    [0xff, 0xfe],
    [...text].flatMap((char) => little(char.charCodeAt(0), 2)),
  );
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>';

/** One or more of each kind that can't be sent, by the reason that is given for it. */
export const OTHER_KINDS: Record<string, Record<string, Uint8Array<ArrayBuffer>>> = {
  heic: {
    'of an iPhone': ftyp('heic', 'mif1', 'MiHB', 'heic'),
    'ten bits': ftyp('heix', 'mif1', 'heix'),
    burst: ftyp('hevc', 'msf1', 'hevc'),
    'HEIF by its general brand': ftyp('mif1', 'heic'),
    'a sequence by its general brand': ftyp('msf1', 'hevc'),
  },
  avif: {
    avif: ftyp('avif', 'mif1', 'miaf'),
    animated: ftyp('avis', 'msf1'),
    'by its general brand': ftyp('mif1', 'avif'),
  },
  gif: { '89a': bytes('GIF89a', [1, 0, 1, 0]), '87a': bytes('GIF87a', [1, 0, 1, 0]) },
  bmp: {
    windows: padded(60, 'BM', little(60, 4), [0, 0, 0, 0], little(54, 4), little(40, 4)),
    v5: padded(200, 'BM', little(200, 4), [0, 0, 0, 0], little(138, 4), little(124, 4)),
  },
  tiff: {
    'little endian': tiff([256, 257]),
    'big endian': tiff([256, 257], 'MM'),
    'of a scanner, with its make': tiff([256, 257, 271]),
    big: bytes('II', [43, 0, 8, 0, 0, 0]),
  },
  jxl: { codestream: bytes([0xff, 0x0a, 1]), container: bytes([0, 0, 0, 12], 'JXL \r\n', [0x87, 0x0a]) },
  'jpeg-2000': { box: bytes([0, 0, 0, 12], 'jP  \r\n', [0x87, 0x0a]), codestream: bytes([0xff, 0x4f, 0xff, 0x51]) },
  psd: { psd: bytes('8BPS', [0, 1]) },
  raw: {
    DNG: tiff([254, 256, 0xc612]),
    'DNG whose directory stands far behind': tiff([254, 0xc612], 'MM', 9_000),
    NEF: tiff([254, 271, 330], 'MM'),
    CR2: bytes('II', [42, 0, 16, 0, 0, 0], 'CR', [2, 0]),
    CR3: ftyp('crx ', 'isom'),
    RAF: bytes('FUJIFILMCCD-RAW 0201'),
    RW2: bytes('IIU', [0, 8, 0, 0, 0]),
    ORF: bytes('IIRO', [8, 0, 0, 0]),
  },
  svg: {
    plain: bytes(svg),
    declared: bytes('<?xml version="1.0"?>\n', svg),
    commented: bytes('\uFEFF<!-- Generator: Sketch -->\n<?xml version="1.0"?>', svg),
    'of Illustrator': bytes(
      '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "s" [<!ENTITY a "b">]>',
      svg,
    ),
    'with a script': bytes('<svg xmlns="s"><script>1</script><html/></svg>'),
  },
  pdf: { plain: bytes('%PDF-1.7\n'), 'behind something': bytes(Array(500).fill(0), '%PDF-1.4') },
  video: {
    'of an iPhone': ftyp('qt  '),
    mp4: ftyp('mp42', 'isom', 'mp42'),
    'of HEVC': ftyp('isom', 'hev1'),
    'mov without brands': bytes([0, 0, 0, 8], 'wide', [0, 0, 0, 1], 'mdat'),
    webm: bytes([0x1a, 0x45, 0xdf, 0xa3, 1]),
    avi: bytes('RIFF', little(4, 4), 'AVI LIST'),
    'transport stream': packets(188, 0),
    'transport stream of a camcorder': packets(192, 4),
  },
  archive: { zip: bytes('PK', [3, 4, 20]), gzip: bytes([0x1f, 0x8b, 8]) },
  html: {
    page: bytes('<!DOCTYPE html><html></html>'),
    'behind white space': bytes('\n  <!DOCTYPE HTML PUBLIC'),
    'behind a byte order mark': bytes('\uFEFF<head>'),
    'saved from elsewhere': bytes('<!-- saved from url=(0014)about:internet -->'),
    xhtml: bytes('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html><svg/>'),
  },
  text: {
    diary: bytes('dear diary'),
    json: bytes('{"error":"not found"}'),
    'an error of a storage': bytes('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
    korean: bytes('오늘은 사진을 찍었다'),
    'of a notepad': utf16('dear diary'),
    'that begins like a video': bytes('the skipper set sail'),
    'that begins like a BMP': bytes('BMW i3, 2019, rear left'),
  },
  empty: { empty: new Uint8Array() },
  'unknown-type': {
    noise: bytes([1, 2, 3, 4, 5, 250, 251]),
    icon: bytes([0, 0, 1, 0, 1, 0]),
    wave: bytes('RIFF', [4, 0, 0, 0], 'WAVE'),
  },
};
