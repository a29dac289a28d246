/**
 * How large a picture is, and whether it is several, from its header: ITU T.81 B.1 (JPEG), the PNG specification with APNG's `acTL`,
 * and RFC 9649 (WebP). Null where the header does not tell.
 */
import { latin1, type Pages, uint } from './pages.ts';

export interface Size {
  /** Pixels, as stored: a photo that is turned by its EXIF data has as many. */
  width: number;
  height: number;
  animated: boolean;
}

/** SOF0 to SOF15, which open a frame, without the three of that row that do not: DHT, JPG and DAC. */
const opensFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Markers that nothing belongs to; FF 00 is no marker at all. */
const standsAlone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** From marker to marker: a thumbnail lies within a segment, which is passed as a whole, so that its frame is never taken for the photo's. */
export async function jpegSize(pages: Pages): Promise<Size | null> {
  for (let at = 2; ; ) {
    const bytes = await pages.from(at, 9);
    const [first, marker] = bytes;
    if (first === undefined || marker === undefined) return null;
    if (first !== 0xff) {
      // Stray bytes, which decoders pass over as well.
      const next = bytes.indexOf(0xff);
      at += next === -1 ? bytes.length : next;
    } else if (marker === 0xff) at += 1;
    else if (standsAlone(marker)) at += 2;
    else if (opensFrame(marker)) return known(uint(bytes, 7, 2), uint(bytes, 5, 2));
    // The end, or the scan that a frame has to stand before.
    else if (marker === 0xd9 || marker === 0xda) return null;
    else at += 2 + (uint(bytes, 2, 2) || 0);
  }
}

/** An APNG says so before its first pixels; one of a single frame is a picture like any other. */
export async function pngSize(pages: Pages): Promise<Size | null> {
  let size: Size | null = null;
  for (let at = 8; ; ) {
    const bytes = await pages.from(at, 16);
    const length = uint(bytes, 0, 4);
    const type = latin1(bytes.subarray(4, 8));
    if (Number.isNaN(length) || type === 'IDAT') return size;
    if (type === 'IHDR') size = known(uint(bytes, 8, 4), uint(bytes, 12, 4));
    if (type === 'acTL' && size !== null) size.animated = uint(bytes, 8, 4) !== 1;
    at += 12 + length;
  }
}

export async function webpSize(pages: Pages): Promise<Size | null> {
  const bytes = await pages.from(12, 18);
  const type = latin1(bytes.subarray(0, 4));
  const bits = (at: number, count: number) => uint(bytes, at, count, true);
  if (type === 'VP8 ') return known(bits(14, 2) % 0x4000, bits(16, 2) % 0x4000);
  if (type === 'VP8L') return known(1 + (bits(9, 4) % 0x4000), 1 + (Math.floor(bits(9, 4) / 0x4000) % 0x4000));
  if (type !== 'VP8X') return null;
  const size = known(1 + bits(12, 3), 1 + bits(15, 3));
  return size && { ...size, animated: (bits(8, 1) & 0x02) !== 0 };
}

const known = (width: number, height: number): Size | null =>
  Number.isNaN(width * height) ? null : { width, height, animated: false };
