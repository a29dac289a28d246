/** The three pictures of a photo on the contact sheet: before, after, and what was masked. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { isInside, type Mask, type Picture } from './measure.ts';
import type { Shown } from './outcome.ts';

/** Longest side on the sheet, in pixels. */
const SHEET_SIZE = 1100;

type Rgb = readonly [number, number, number];
/** Tints of the targets, in the order of the rule. */
const TARGET_TINTS: readonly Rgb[] = [
  [0, 158, 150],
  [232, 126, 38],
  [104, 92, 210],
  [66, 148, 58],
  [38, 128, 214],
  [180, 140, 20],
];
export const PROTECT_TINT: Rgb = [222, 36, 104];

export const tintOfTarget = (index: number): Rgb => TARGET_TINTS[index % TARGET_TINTS.length]!;

export type Written = { folder: string; album: string; stem: string };

/** Writes the three pictures; `result` is the path of the result in full size. */
export async function writePictures(
  to: Written,
  result: string,
  pictures: { before: Picture; after: Picture; targets: Mask[]; protects: Mask[] },
): Promise<Shown[]> {
  return [
    await show(to, 'Before', pictures.before),
    { ...(await show(to, 'After', pictures.after)), link: result },
    await show(to, 'What was masked', overlay(pictures.before, pictures.targets, pictures.protects)),
  ];
}

/** The picture of a photo that did not come out. */
export async function writeBefore(to: Written, before: Picture): Promise<Shown[]> {
  return [await show(to, 'Before', before)];
}

async function show(to: Written, caption: string, picture: Picture): Promise<Shown> {
  const folder = path.join(to.folder, 'sheet', to.album);
  mkdirSync(folder, { recursive: true });
  const name = `${to.stem}-${caption.split(' ').at(-1)?.toLowerCase()}.jpg`;
  await writeJpeg(picture, path.join(folder, name));
  const src = path.posix.join('sheet', to.album, name);
  return { caption, src, link: src };
}

async function writeJpeg(picture: Picture, file: string): Promise<void> {
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  await sharp(picture.rgb, { raw })
    .resize({ width: SHEET_SIZE, height: SHEET_SIZE, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 86 })
    .toFile(file);
}

/** The photo in pale grey, its targets tinted, what is protected hatched and outlined. */
function overlay(photo: Picture, targets: Mask[], protects: Mask[]): Picture {
  const { width, height } = photo;
  const rgb = new Uint8Array(photo.rgb.length);
  const longest = Math.max(width, height);
  const line = Math.max(1, Math.round(longest / 420));
  const hatch = Math.max(8, Math.round(longest / 55));
  const kept = new Uint8Array(width * height);
  for (let i = 0; i < kept.length; i++) kept[i] = isInside(protects, i) ? 1 : 0;
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const grey = greyAt(photo.rgb, i * 3);
    const pale = 96 + grey * 0.62;
    let colour: Rgb = [pale, pale, pale];
    if (kept[i]) {
      const strong = onEdge(kept, x, y, width, height, line) || (x + y) % hatch < line;
      colour = mix(colour, PROTECT_TINT, strong ? 0.92 : 0.3);
    } else {
      const target = targets.findIndex((mask) => mask.inside[i] !== 0);
      if (target >= 0) colour = mix([grey, grey, grey], tintOfTarget(target), 0.6);
    }
    rgb.set(colour, i * 3);
  }
  return { width, height, rgb };
}

const greyAt = (rgb: Uint8Array, at: number): number => 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** Whether a pixel within `reach` to one of the four sides is not in the mask. The photo's border is no edge. */
function onEdge(mask: Uint8Array, x: number, y: number, width: number, height: number, reach: number): boolean {
  const out = (px: number, py: number) =>
    px >= 0 && py >= 0 && px < width && py < height && mask[py * width + px] === 0;
  return out(x - reach, y) || out(x + reach, y) || out(x, y - reach) || out(x, y + reach);
}
