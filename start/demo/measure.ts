/** Compares a photo with its result, pixel by pixel, under the masks that the GPU worker left. */
import sharp from 'sharp';
import { decode } from '../../examples/gpu-worker/src/photo/decode.ts';

/** 8-bit RGB, row by row. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
/** One mask of the photo's size; a pixel is inside when it is not 0. */
export type Mask = { concept: string; inside: Uint8Array };

export type Figures = {
  width: number;
  height: number;
  /** Share of the photo that was to change, 0..1: the target masks without what is protected. */
  target: number;
  /** Share of the target that did change, 0..1. */
  changed: number;
  /** Pixels that changed without being in the target. */
  changedOutside: number;
  /** Share of the photo inside a protected mask, 0..1. */
  protected: number;
  /** Pixels that changed inside a protected mask. */
  changedProtected: number;
  /** Largest difference of a channel inside a protected mask, 0..255. */
  maxDifference: number;
  /** Share of the photo that each mask covers, by concept. */
  coverage: Record<string, number>;
};

/** A photo as the GPU worker reads it, on white. Throws for one that it does not work on. */
export async function readPhoto(data: Buffer): Promise<Picture> {
  return onWhite(await decode(data));
}

/** A picture of any kind, upright and on white; what is missing of a damaged one is grey. */
export async function readPicture(data: Buffer): Promise<Picture> {
  const image = sharp(data, { failOn: 'none' }).autoOrient().toColourspace('srgb').ensureAlpha();
  const { data: rgba, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = rgba[4 * i + c]!;
    alpha[i] = rgba[4 * i + 3]!;
  }
  return onWhite({ width, height, rgb, alpha });
}

function onWhite({ width, height, rgb, alpha }: Picture & { alpha: Uint8Array | null }): Picture {
  if (!alpha) return { width, height, rgb };
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.round(255 + (alpha[Math.floor(i / 3)]! / 255) * (rgb[i]! - 255));
  return { width, height, rgb: out };
}

export async function readMask(concept: string, data: Buffer, like: Picture): Promise<Mask> {
  const { data: inside, info } = await sharp(data)
    .removeAlpha()
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== like.width || info.height !== like.height) {
    throw new Error(`the mask of ${concept} is ${info.width}×${info.height}, the photo ${like.width}×${like.height}`);
  }
  return { concept, inside };
}

/** What a format changes by itself. */
export type Loss = {
  /** Difference of a channel up to which a pixel is the same. Where it is not 0, lone pixels are the format's as well: those around must differ too. */
  tolerance: number;
  /** How far, in pixels, the colours of what is painted run over its edge: so near to a target nothing is said of what is outside. */
  reach: number;
};
const NO_LOSS: Loss = { tolerance: 0, reach: 0 };

export function measure(before: Picture, after: Picture, targets: Mask[], protects: Mask[], loss = NO_LOSS): Figures {
  if (before.width !== after.width || before.height !== after.height) {
    throw new Error(`the result is ${after.width}×${after.height}, the photo ${before.width}×${before.height}`);
  }
  const pixels = before.width * before.height;
  const smeared = loss.reach === 0 ? null : around(targets, protects, before, loss.reach);
  const count = { target: 0, changed: 0, outside: 0, protected: 0, changedProtected: 0, maxDifference: 0 };
  for (let i = 0; i < pixels; i++) {
    const off = differenceAt(before.rgb, after.rgb, i * 3);
    const isLoss =
      off <= loss.tolerance || (loss.tolerance > 0 && differenceAround(before, after, i) <= loss.tolerance);
    const difference = isLoss ? 0 : off;
    if (isInside(protects, i)) {
      count.protected++;
      if (smeared?.[i]) continue;
      if (difference > 0) count.changedProtected++;
      if (difference > count.maxDifference) count.maxDifference = difference;
    } else if (isInside(targets, i)) {
      count.target++;
      if (difference > 0) count.changed++;
      continue;
    }
    if (difference > 0 && !smeared?.[i]) count.outside++;
  }
  return {
    width: before.width,
    height: before.height,
    target: count.target / pixels,
    changed: count.target === 0 ? 0 : count.changed / count.target,
    changedOutside: count.outside,
    protected: count.protected / pixels,
    changedProtected: count.changedProtected,
    maxDifference: count.maxDifference,
    coverage: Object.fromEntries([...targets, ...protects].map((mask) => [mask.concept, share(mask.inside)])),
  };
}

/** Largest mean difference of a channel over the 3 × 3 pixels around pixel `i`. */
function differenceAround(before: Picture, after: Picture, i: number): number {
  const { width, height } = before;
  const [x, y] = [i % width, Math.floor(i / width)];
  const sums = [0, 0, 0];
  let pixels = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      const at = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        sums[channel]! += (after.rgb[at + channel] ?? 0) - (before.rgb[at + channel] ?? 0);
      }
      pixels++;
    }
  }
  return Math.max(...sums.map(Math.abs)) / pixels;
}

/** 1 within `reach` of what is to change. */
function around(targets: Mask[], protects: Mask[], { width, height }: Picture, reach: number): Uint8Array {
  const near = new Uint8Array(width * height);
  for (let i = 0; i < near.length; i++) near[i] = isInside(targets, i) && !isInside(protects, i) ? 1 : 0;
  const spread = (from: Uint8Array, length: number, step: number, starts: (line: number) => number, lines: number) => {
    const to = new Uint8Array(from.length);
    for (let line = 0; line < lines; line++) {
      for (let k = 0, last = Number.NEGATIVE_INFINITY; k < length + reach; k++) {
        if (k < length && from[starts(line) + k * step]) last = k;
        if (k >= reach && k - last <= 2 * reach) to[starts(line) + (k - reach) * step] = 1;
      }
    }
    return to;
  };
  const rows = spread(near, width, 1, (y) => y * width, height);
  return spread(rows, height, width, (x) => x, width);
}

function differenceAt(a: Uint8Array, b: Uint8Array, at: number): number {
  const r = Math.abs(a[at]! - b[at]!);
  const g = Math.abs(a[at + 1]! - b[at + 1]!);
  const bl = Math.abs(a[at + 2]! - b[at + 2]!);
  return Math.max(r, g, bl);
}

export function isInside(masks: Mask[], i: number): boolean {
  for (const mask of masks) if (mask.inside[i] !== 0) return true;
  return false;
}

function share(inside: Uint8Array): number {
  let n = 0;
  for (const value of inside) if (value !== 0) n++;
  return n / inside.length;
}
