// Is there anything in a photo that a detector could have seen? A place where something usually lies is no evidence: a plain colour, a
// gradient and noise have such places too.

import { solve } from './linear.ts';
import type { Mask } from './mask.ts';
import type { Scene } from './scene.ts';

type Plane = Float32Array;

/** Cells along the longer side, and cells along the side of a block. */
const CELLS = 48;
const BLOCK = 6;
/** Difference in Lab that stands out from a plain or evenly lit ground. */
const CONTRAST = 2.5;
/** Cells that have to stand out: about as much as the least share that a concept may have. */
const LEAST_CELLS = 4;
/** How much more blocks differ than the cells in them let expect, from which there is more than noise. */
const MORE_THAN_NOISE = 3;
/** Share of one direction among the gradients around a pixel, from which they make lines. */
const LINES = 0.45;

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
  const planes = [scene.L, scene.a, scene.b].map((plane) => {
    const sums = new Float32Array(columns * rows);
    counts.fill(0);
    for (let y = 0; y < h; y++) {
      const row = Math.min(rows - 1, Math.floor((y * rows) / h)) * columns;
      for (let x = 0; x < w; x++) {
        const cell = row + Math.min(columns - 1, Math.floor((x * columns) / w));
        sums[cell] = sums[cell]! + plane[y * w + x]!;
        counts[cell] = counts[cell]! + 1;
      }
    }
    return sums.map((v, i) => v / Math.max(1, counts[i]!));
  });
  return { columns, rows, planes };
}

/** What is left of the planes without the smooth surface of second order that fits them best: light that falls off is no thing. */
function withoutLight({ columns, rows, planes }: Grid): Plane[] {
  const terms = (i: number): number[] => {
    const x = (2 * (i % columns)) / columns - 1;
    const y = (2 * Math.floor(i / columns)) / rows - 1;
    return [1, x, y, x * x, y * y, x * y];
  };
  const size = columns * rows;
  const system = Array.from({ length: 6 }, () => new Array<number>(9).fill(0));
  for (let i = 0; i < size; i++) {
    const t = terms(i);
    for (let r = 0; r < 6; r++) {
      for (let c = 0; c < 6; c++) system[r]![c] = system[r]![c]! + t[r]! * t[c]!;
      for (let p = 0; p < 3; p++) system[r]![6 + p] = system[r]![6 + p]! + t[r]! * planes[p]![i]!;
    }
  }
  const fit = solve(system, 6);
  if (!fit) return planes.map((plane) => plane.slice());
  return planes.map((plane, p) => plane.map((v, i) => v - terms(i).reduce((sum, t, k) => sum + t * fit[k]![p]!, 0)));
}

/** Does nothing stand out from an evenly lit ground? */
function isPlain(rest: readonly Plane[]): boolean {
  const sizes = rest[0]!.map((v, i) => Math.hypot(v, rest[1]![i]!, rest[2]![i]!)).sort();
  return (sizes.at(-LEAST_CELLS) ?? 0) < CONTRAST;
}

/** Do blocks of cells differ from each other by no more than chance makes them differ, given how their cells do? */
function isUneventful({ columns, rows }: Grid, rest: readonly Plane[]): boolean {
  const [across, down] = [Math.floor(columns / BLOCK), Math.floor(rows / BLOCK)];
  if (across * down < 6) return false;
  let [within, between] = [0, 0];
  for (const plane of rest) {
    for (let b = 0; b < across * down; b++) {
      let [sum, squares] = [0, 0];
      for (let k = 0; k < BLOCK * BLOCK; k++) {
        const y = Math.floor(b / across) * BLOCK + Math.floor(k / BLOCK);
        const v = plane[y * columns + (b % across) * BLOCK + (k % BLOCK)]!;
        sum += v;
        squares += v * v;
      }
      const n = BLOCK * BLOCK;
      within += (squares - (sum * sum) / n) / (n - 1);
      between += (sum / n) ** 2;
    }
  }
  return between * BLOCK * BLOCK < MORE_THAN_NOISE * within;
}

/** Do the strongest gradients run along lines, as joints and edges do? */
function lineShare(scene: Scene): number {
  const { width: w, height: h, L } = scene;
  const strongest = [...scene.gradient].filter((_, i) => i % 7 === 0).sort((x, y) => y - x);
  const least = Math.max(1, strongest[Math.floor(strongest.length * 0.05)] ?? 1);
  const REACH = 5;
  let [sum, n] = [0, 0];
  for (let y = REACH + 1; y < h - REACH - 1; y += 3) {
    for (let x = REACH + 1; x < w - REACH - 1; x++) {
      if (scene.gradient[y * w + x]! < least) continue;
      let [xx, yy, xy] = [0, 0, 0];
      for (let v = -REACH; v <= REACH; v++) {
        for (let u = -REACH; u <= REACH; u++) {
          const i = (y + v) * w + x + u;
          const [gx, gy] = [L[i + 1]! - L[i - 1]!, L[i + w]! - L[i - w]!];
          xx += gx * gx;
          yy += gy * gy;
          xy += gx * gy;
        }
      }
      sum += Math.hypot(xx - yy, 2 * xy) / Math.max(1e-6, xx + yy);
      n++;
    }
  }
  return n === 0 ? 0 : sum / n;
}

/** Why nothing can be found in the photo; null when something can. */
export function nothingThere(scene: Scene): string | null {
  const grid = cells(scene);
  const rest = withoutLight(grid);
  if (isPlain(rest)) return 'the photo is one plain colour or a smooth gradient';
  if (isUneventful(grid, rest) && lineShare(scene) < LINES) return 'the photo is noise';
  return null;
}

/** Half the side of the window in which an outline is looked at. */
const REACH = 6;
const MOST_LOOKS = 1200;
/** Step in Lab across an outline that is an edge. */
const STEP = 3;

/** Step of the colour across the outline at pixel (x, y), beyond what a slope of the light makes of it. */
function stepAt(scene: Scene, mask: Mask, x: number, y: number): number {
  const { width: w, height: h } = scene;
  const planes = [scene.L, scene.a, scene.b];
  const system = Array.from({ length: 4 }, () => new Array<number>(7).fill(0));
  for (let v = Math.max(0, y - REACH); v <= Math.min(h - 1, y + REACH); v++) {
    for (let u = Math.max(0, x - REACH); u <= Math.min(w - 1, x + REACH); u++) {
      const i = v * w + u;
      const t = [1, u - x, v - y, mask[i]!];
      for (let r = 0; r < 4; r++) {
        for (let c = 0; c < 4; c++) system[r]![c] = system[r]![c]! + t[r]! * t[c]!;
        for (let p = 0; p < 3; p++) system[r]![4 + p] = system[r]![4 + p]! + t[r]! * planes[p]![i]!;
      }
    }
  }
  const step = solve(system, 4)?.[3];
  return step ? Math.hypot(...step) : 0;
}

/** Share of its outline along which a thing differs from what is around it. */
const LEAST_EDGES = 0.4;

/** Does the mask's outline follow edges in the photo? */
export const isSupported = (scene: Scene, mask: Mask): boolean => edgeShare(scene, mask) >= LEAST_EDGES;

/** Share of a mask's outline, 0..1, along which the photo has an edge; 1 for a mask that has no outline in the photo. */
function edgeShare(scene: Scene, mask: Mask): number {
  const { width: w, height: h } = scene;
  const outline: number[] = [];
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const i = y * w + x;
      if (mask[i] && !(mask[i - 1] && mask[i + 1] && mask[i - w] && mask[i + w])) outline.push(i);
    }
  }
  const step = Math.max(1, Math.floor(outline.length / MOST_LOOKS));
  let [edges, looks] = [0, 0];
  for (let k = 0; k < outline.length; k += step, looks++) {
    const x = outline[k]! % w;
    if (stepAt(scene, mask, x, (outline[k]! - x) / w) > STEP) edges++;
  }
  return looks === 0 ? 1 : edges / looks;
}
