// Is there anything in a photo that a detector could have seen? A place where something usually lies is no evidence: a plain colour, a
// gradient and noise, blurred noise too, have such places.

import type { Scene } from './scene.ts';
import { smoothSurface } from './surface.ts';

type Plane = Float32Array;

/** Cells along the longer side. */
const CELLS = 48;
/** Difference in Lab that stands out from a plain or evenly lit ground. */
const CONTRAST = 2.5;
/** Cells that have to stand out: about as much as the least share that a concept may have. */
const LEAST_CELLS = 4;
/** Sides of the cells, in pixels, whose differences are looked at. */
const SCALES = [1, 2, 4, 8];
/** Share of the shorter side along the rim that is left out there: filters repeat the last pixels, which are unlike the rest of noise. */
const MARGIN = 0.1;
/** Differences spread by chance have a kurtosis of 3, of clouds up to 4.4 was seen, of photos from 6 on. */
const LEAST_KURTOSIS = 4.8;

interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** mean of each cell, by plane */
  readonly planes: readonly Plane[];
}

function cells(scene: Scene): Grid {
  const { width: w, height: h } = scene;
  const side = Math.max(1, Math.max(w, h) / CELLS);
  const columns = Math.max(1, Math.floor(w / side));
  const rows = Math.max(1, Math.floor(h / side));
  const counts = new Float32Array(columns * rows);
  const columnOf = Uint16Array.from({ length: w }, (_, x) => Math.min(columns - 1, Math.floor((x * columns) / w)));
  const planes = [scene.L, scene.a, scene.b].map((plane) => {
    const sums = new Float32Array(columns * rows);
    counts.fill(0);
    for (let y = 0; y < h; y++) {
      const row = Math.min(rows - 1, Math.floor((y * rows) / h)) * columns;
      for (let x = 0; x < w; x++) {
        const cell = row + columnOf[x]!;
        sums[cell] = sums[cell]! + plane[y * w + x]!;
        counts[cell] = counts[cell]! + 1;
      }
    }
    return sums.map((v, i) => v / Math.max(1, counts[i]!));
  });
  return { columns, rows, planes };
}

/** What is left of the planes without the light's fall: light that falls off is no thing. */
function withoutLight({ columns, rows, planes }: Grid): Plane[] {
  const surface = smoothSurface(planes, columns, rows);
  return planes.map((plane, p) => plane.map((v, i) => (surface ? v - surface(i, p) : v)));
}

/** Does nothing stand out from an evenly lit ground? */
function isPlain(rest: readonly Plane[]): boolean {
  const sizes = rest[0]!.map((v, i) => Math.hypot(v, rest[1]![i]!, rest[2]![i]!)).sort();
  return (sizes.at(-LEAST_CELLS) ?? 0) < CONTRAST;
}

/** Mean of the squares and of the fourth powers of what neighbouring cells of `step` × `step` pixels differ by, as their ratio. */
function kurtosis({ width, height, rawL }: Scene, step: number): number {
  const margin = Math.round(MARGIN * Math.min(width, height));
  const [columns, rows] = [width, height].map((side) => Math.floor((side - 2 * margin) / step)) as [number, number];
  const means = new Float64Array(columns * rows);
  for (let y = 0; y < rows * step; y++) {
    const row = Math.floor(y / step) * columns;
    const from = (margin + y) * width + margin;
    for (let column = 0, i = from; column < columns; column++) {
      let sum = means[row + column]!;
      for (const end = i + step; i < end; i++) sum += rawL[i]!;
      means[row + column] = sum;
    }
  }
  let [n, squares, fourths] = [0, 0, 0];
  for (let i = 0; i < columns * (rows - 1); i++) {
    if ((i + 1) % columns === 0) continue;
    for (const neighbour of [i + 1, i + columns]) {
      const square = (means[neighbour]! - means[i]!) ** 2;
      n++;
      squares += square;
      fourths += square * square;
    }
  }
  return squares === 0 ? 0 : (n * fourths) / (squares * squares);
}

/**
 * Is the photo the same everywhere, as noise is, blurred or not, and clouds of it? Where there are things, most neighbours are alike and
 * a few differ by much; of noise, differences are spread as chance spreads them, at every scale.
 */
const isNoise = (scene: Scene): boolean => Math.max(...SCALES.map((step) => kurtosis(scene, step))) < LEAST_KURTOSIS;

/** Why nothing can be found in the photo; null when something can. */
export function nothingThere(scene: Scene): string | null {
  if (isPlain(withoutLight(cells(scene)))) return 'the photo is one plain colour or a smooth gradient';
  if (isNoise(scene)) return 'the photo is noise';
  return null;
}
