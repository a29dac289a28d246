// Binary masks (0 or 1 per pixel) at the analysis size: set operations, morphology, and resizing to the photo.

import { boxBlur } from './filter.ts';

export type Mask = Uint8Array;

export function maskWhere(length: number, test: (i: number) => boolean): Mask {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) if (test(i)) out[i] = 1;
  return out;
}

export const intersect = (a: Mask, b: Mask): Mask => a.map((v, i) => v & b[i]!);
export const union = (a: Mask, b: Mask): Mask => a.map((v, i) => v | b[i]!);
export const subtract = (a: Mask, b: Mask): Mask => a.map((v, i) => v & (1 - b[i]!));
export const invert = (a: Mask): Mask => a.map((v) => 1 - v);

export function area(mask: Mask): number {
  let n = 0;
  for (let i = 0; i < mask.length; i++) n += mask[i]!;
  return n;
}

/** Keeps pixels whose (2r+1)² window is at least `share` full: 0.5 is a majority vote, near 0 dilates, near 1 erodes. */
export function rank(mask: Mask, w: number, h: number, r: number, share: number): Mask {
  const density = new Float32Array(mask);
  boxBlur(density, w, h, r, density);
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < out.length; i++) out[i] = density[i]! >= share ? 1 : 0;
  return out;
}

export const dilate = (mask: Mask, w: number, h: number, r: number): Mask => rank(mask, w, h, r, 1e-4);
export const erode = (mask: Mask, w: number, h: number, r: number): Mask => rank(mask, w, h, r, 1 - 1e-4);
export const close = (mask: Mask, w: number, h: number, r: number): Mask => erode(dilate(mask, w, h, r), w, h, r);
export const open = (mask: Mask, w: number, h: number, r: number): Mask => dilate(erode(mask, w, h, r), w, h, r);

/** Bilinear enlargement, cut at one half, so that contours stay smooth: 255 inside, 0 outside. */
export function enlarge(mask: Mask, w: number, h: number, toW: number, toH: number): Uint8Array {
  const out = new Uint8Array(toW * toH);
  for (let y = 0; y < toH; y++) {
    const sy = Math.min(h - 1, Math.max(0, ((y + 0.5) * h) / toH - 0.5));
    const y0 = Math.floor(sy);
    const y1 = Math.min(h - 1, y0 + 1);
    const fy = sy - y0;
    for (let x = 0; x < toW; x++) {
      const sx = Math.min(w - 1, Math.max(0, ((x + 0.5) * w) / toW - 0.5));
      const x0 = Math.floor(sx);
      const x1 = Math.min(w - 1, x0 + 1);
      const fx = sx - x0;
      const top = mask[y0 * w + x0]! * (1 - fx) + mask[y0 * w + x1]! * fx;
      const low = mask[y1 * w + x0]! * (1 - fx) + mask[y1 * w + x1]! * fx;
      if (top * (1 - fy) + low * fy >= 0.5) out[y * toW + x] = 255;
    }
  }
  return out;
}
