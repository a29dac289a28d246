// The edge of what is painted. Along it, pixels are a mixture of the thing and of what lies behind it, and masks from a smaller picture are
// off by some. Here each of them is taken apart: how much of it is the thing, and in what colour. What is painted is that share alone, so
// that neither a rim of the old colour stays nor the new one runs out.

import type { Photo } from '../photo/decode.ts';
import { boxBlur } from '../segment/filter.ts';
import { dilate, erode, type Mask } from '../segment/mask.ts';

export interface Soft {
  /** 0..255: how much of each pixel is the thing */
  readonly opacity: Uint8Array;
  /** the photo with the thing's own colour where it is mixed with another */
  readonly rgb: Uint8Array;
}

/** Half the width of the band in which pixels are taken apart, in pixels of the analysis size. */
const BAND = 3;
/** How far colours are gathered, at the same size, twice over. */
const GATHER = 4;
/** Of pixels inside the band beside those that are sure: they count where nothing else does. */
const UNSURE = 0.02;
/** Difference between thing and background, in steps of 255, under which no pixel can be taken apart. */
const LEAST_DIFFERENCE = 18;
/** Shares up to which a pixel is taken for the one, and from the other end for the other: at least, at most, and by how much both vary. */
const [LEAST_DOUBT, MOST_DOUBT] = [0.02, 0.11];
/** Steps of a band's width by which a mask follows its thing to where detectors cut it off: tips, thin ends, narrow corners. */
const GROWTH = 4;
/** How near to the thing's colour, as a share of its difference from what is behind it, a pixel is to be followed. */
const ALIKE = 0.35;
/** Opacity at the very edge where it cannot be seen. */
const BLIND_EDGE = 0.4;

/** Mean colour around each pixel of a small picture, and how much it varies. */
interface Field {
  readonly planes: readonly [Float32Array, Float32Array, Float32Array];
  readonly variance: Float32Array;
}

/** Red, green and blue of a small picture, and the sum of their squares. */
type Samples = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

function samplesOf({ rgb, width, height }: Photo['small']): Samples {
  const out: Samples = [0, 0, 0, 0].map(() => new Float32Array(width * height)) as never;
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!];
    out[0][i] = r;
    out[1][i] = g;
    out[2][i] = b;
    out[3][i] = r ** 2 + g ** 2 + b ** 2;
  }
  return out;
}

function fieldOf(samples: Samples, width: number, height: number, weight: Float32Array): Field {
  const gather = (plane: Float32Array): Float32Array => {
    boxBlur(plane, width, height, GATHER, plane);
    return boxBlur(plane, width, height, GATHER, plane);
  };
  const total = gather(weight.slice());
  const mean = (plane: Float32Array): Float32Array => {
    const out = new Float32Array(plane.length);
    for (let i = 0; i < out.length; i++) out[i] = weight[i]! * plane[i]!;
    gather(out);
    for (let i = 0; i < out.length; i++) out[i] = out[i]! / Math.max(1e-6, total[i]!);
    return out;
  };
  const [r, g, b, variance] = [mean(samples[0]), mean(samples[1]), mean(samples[2]), mean(samples[3])];
  for (let i = 0; i < variance.length; i++)
    variance[i] = Math.max(0, variance[i]! - (r[i]! ** 2 + g[i]! ** 2 + b[i]! ** 2));
  return { planes: [r, g, b], variance };
}

/** What holds for the pixels in the middle of those of the small picture. */
function reduced(test: (i: number) => boolean, { width, height, small }: Photo): Mask {
  const out = new Uint8Array(small.width * small.height);
  for (let i = 0; i < out.length; i++) {
    const x = Math.floor((((i % small.width) + 0.5) * width) / small.width);
    const y = Math.floor(((Math.floor(i / small.width) + 0.5) * height) / small.height);
    out[i] = test(y * width + x) ? 1 : 0;
  }
  return out;
}

/** A mask of the small picture, and the colours on both sides of its outline. */
interface Sides {
  readonly rough: Mask;
  readonly inside: Mask;
  readonly outside: Mask;
  readonly thing: Field;
  readonly behind: Field;
}

function sidesOf({ width, height }: Photo['small'], samples: Samples, rough: Mask): Sides {
  const inside = erode(rough, width, height, BAND);
  const outside = dilate(rough, width, height, BAND).map((v) => 1 - v);
  const field = (sure: Mask, own: number): Field => {
    const weight = new Float32Array(sure.length);
    for (let i = 0; i < sure.length; i++) weight[i] = sure[i] ? 1 : rough[i] === own ? UNSURE : 0;
    return fieldOf(samples, width, height, weight);
  };
  return { rough, inside, outside, thing: field(inside, 1), behind: field(outside, 0) };
}

/** The mask with the pixels beside it that are clearly of its thing's colour. */
function grown(small: Photo['small'], { rough, thing, behind }: Sides, free: Mask): Mask {
  const near = dilate(rough, small.width, small.height, BAND);
  return rough.map((v, i) => {
    if (v || !near[i] || !free[i]) return v;
    let [off, apart] = [0, 0];
    for (let c = 0; c < 3; c++) {
      off += (small.rgb[3 * i + c]! - thing.planes[c]![i]!) ** 2;
      apart += (thing.planes[c]![i]! - behind.planes[c]![i]!) ** 2;
    }
    const clear = apart > LEAST_DIFFERENCE ** 2 && apart > 4 * (thing.variance[i]! + behind.variance[i]!);
    return clear && off < ALIKE ** 2 * apart ? 1 : 0;
  });
}

class Band {
  readonly #photo: Photo;
  readonly #inside: Mask;
  readonly #outside: Mask;
  readonly #thing: Field;
  readonly #behind: Field;
  readonly #rough: Mask;
  readonly #near: Float32Array;
  /** mean of the photo's own alpha behind the thing, 0..255; null for an opaque photo */
  readonly #behindAlpha: Float32Array | null;

  constructor(photo: Photo, mask: Uint8Array, free: (i: number) => boolean) {
    const { small } = photo;
    const { width, height, alpha } = small;
    const open = reduced(free, photo);
    const samples = samplesOf(small);
    const marked = reduced((i) => mask[i] !== 0, photo);
    let sides = sidesOf(small, samples, marked);
    for (let n = 0; n < GROWTH; n++) {
      const more = grown(small, sides, open);
      if (Buffer.compare(more, sides.rough) === 0) break;
      sides = sidesOf(small, samples, more);
    }
    this.#photo = photo;
    this.#inside = sides.inside;
    this.#outside = sides.outside;
    this.#thing = sides.thing;
    this.#behind = sides.behind;
    this.#near = boxBlur(new Float32Array(sides.rough), width, height, 1);
    this.#rough = sides.rough;
    this.#behindAlpha = alpha && alphaBehind(alpha, sides.rough, width, height);
  }

  /** Opacity of a pixel, 0..1; where it is a mixture, its colour of the thing is written to `rgb`. */
  share(x: number, y: number, rgb: Uint8Array): number {
    const { width, height, small, alpha } = this.#photo;
    const sx = Math.min(small.width - 1, Math.floor(((x + 0.5) * small.width) / width));
    const sy = Math.min(small.height - 1, Math.floor(((y + 0.5) * small.height) / height));
    const s = sy * small.width + sx;
    if (this.#inside[s]) return 1;
    if (this.#outside[s]) return 0;
    const i = y * width + x;
    if (alpha?.[i] === 0) return 0;
    // What is cut out has no background in its pixels: the photo's own alpha does the mixing.
    if (this.#behindAlpha && this.#behindAlpha[s]! < 64) return 1;
    const marked = this.#rough[s] === 1;
    const blind = marked ? BLIND_EDGE + (1 - BLIND_EDGE) * Math.min(1, Math.max(0, 2 * this.#near[s]! - 1)) : 0;
    return this.#apart(i, s, blind, marked, rgb);
  }

  #apart(i: number, s: number, blind: number, marked: boolean, rgb: Uint8Array): number {
    const photo = this.#photo.rgb;
    let [along, across, apart] = [0, 0, 0];
    for (let c = 0; c < 3; c++) {
      const from = this.#behind.planes[c]![s]!;
      const reach = this.#thing.planes[c]![s]! - from;
      const away = photo[3 * i + c]! - from;
      along += away * reach;
      across += away * away;
      apart += reach * reach;
    }
    if (apart < LEAST_DIFFERENCE ** 2) return blind;
    const share = along / apart;
    const aside = Math.sqrt(Math.max(0, across - (along * along) / apart));
    const noise = this.#thing.variance[s]! + this.#behind.variance[s]!;
    // Something third: it is what the mask says.
    if (aside > 8 + 0.25 * Math.sqrt(apart) + 0.5 * Math.sqrt(noise)) return marked ? 1 : 0;
    // Grain is no mixture; where there is none, the smallest share is one.
    const doubt = Math.min(MOST_DOUBT, Math.max(LEAST_DOUBT, Math.sqrt(noise / apart)));
    const seen = Math.min(1, Math.max(0, (share - doubt) / (1 - 2 * doubt)));
    if (seen > 0 && seen < 1) this.#unmix(i, s, share, rgb);
    const trust = apart / (apart + 2 * noise);
    return trust * seen + (1 - trust) * blind;
  }

  #unmix(i: number, s: number, share: number, rgb: Uint8Array): void {
    for (let c = 0; c < 3; c++) {
      const pure = this.#thing.planes[c]![s]!;
      const behind = this.#behind.planes[c]![s]!;
      const own = share > 0.6 ? (this.#photo.rgb[3 * i + c]! - (1 - share) * behind) / share : pure;
      rgb[3 * i + c] = Math.round(Math.min(255, Math.max(0, own)));
    }
  }
}

/** Mean alpha of what is not in the mask, around each pixel. */
function alphaBehind(alpha: Uint8Array, mask: Mask, width: number, height: number): Float32Array {
  const gather = (value: (i: number) => number) =>
    boxBlur(
      Float32Array.from(mask, (v, i) => (v ? 0 : value(i))),
      width,
      height,
      2 * BAND,
    );
  const share = gather(() => 1);
  return gather((i) => alpha[i]!).map((v, i) => v / Math.max(1e-6, share[i]!));
}

/** `free`: where the thing may reach, its own mask and what belongs to nothing else. */
export function softEdges(photo: Photo, mask: Uint8Array, free: (i: number) => boolean): Soft {
  const { width, height } = photo;
  const band = new Band(photo, mask, free);
  const opacity = new Uint8Array(mask.length);
  const rgb = photo.rgb.slice();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (mask[i] || free(i)) opacity[i] = Math.round(255 * band.share(x, y, rgb));
    }
  }
  return { opacity, rgb };
}
