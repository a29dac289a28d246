// What every detector looks at: the photo at analysis size as Lab planes, with texture, gradient and colour words.

import { boxBlur, localDeviation } from './filter.ts';
import { lazy } from './finding.ts';
import { rgbToLab } from './lab.ts';
import { type ColourWords, quantise } from './words.ts';

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly size: number;
  /** lightness as photographed */
  readonly rawL: Float32Array;
  /** slightly denoised Lab */
  readonly L: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly chroma: Float32Array;
  /** deviation of lightness in a small window: grain, foliage, print */
  readonly texture: Float32Array;
  readonly gradient: Float32Array;
  readonly words: ColourWords;
  /** words of the wider neighbourhood: its mean colour, and its texture in the place of lightness */
  readonly fabric: ColourWords;
}

/** Longest side, in pixels, at which photos are analysed. */
export const ANALYSIS_SIDE = 480;

/** Brings texture (deviations of 0..20) to the scale of lightness. */
const TEXTURE_SCALE = 3;

function gradientOf(plane: Float32Array, w: number, h: number): Float32Array {
  const out = new Float32Array(plane.length);
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const i = y * w + x;
      out[i] = Math.hypot(plane[i + 1]! - plane[i - 1]!, plane[i + w]! - plane[i - w]!) / 2;
    }
  }
  return out;
}

export function buildScene(rgb: Uint8Array, width: number, height: number): Scene {
  const size = width * height;
  const planes = [0, 1, 2].map(() => new Float32Array(size)) as [Float32Array, Float32Array, Float32Array];
  const pixel = new Float32Array(3);
  for (let i = 0; i < size; i++) {
    rgbToLab(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!, pixel);
    for (let c = 0; c < 3; c++) planes[c]![i] = pixel[c]!;
  }
  const [L, a, b] = planes.map((plane) => boxBlur(plane, width, height, 1)) as typeof planes;
  const texture = localDeviation(L, width, height, 4);
  const wide = (plane: Float32Array) => boxBlur(boxBlur(plane, width, height, 5), width, height, 5);
  // Not every preset asks for both, and where nothing is in the photo none does.
  const words = lazy(() => quantise(L, a, b));
  const fabric = lazy(() => {
    const busy = wide(texture).map((v) => v * TEXTURE_SCALE);
    return quantise(busy, wide(a), wide(b));
  });
  return {
    width,
    height,
    size,
    rawL: planes[0],
    L,
    a,
    b,
    chroma: a.map((v, i) => Math.hypot(v, b[i]!)),
    texture,
    gradient: gradientOf(L, width, height),
    get words() {
      return words();
    },
    get fabric() {
      return fabric();
    },
  };
}
