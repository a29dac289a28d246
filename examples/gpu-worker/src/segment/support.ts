// Does a mask's outline follow what can be seen in the photo? A thing ends at an edge: across its outline the colour changes by a step, and
// in some of its length within a few pixels. What is out of focus, and thresholds laid through soft light, change too, but nowhere at once.

import { solve } from './linear.ts';
import type { Mask } from './mask.ts';
import type { Scene } from './scene.ts';

/** Half the side of the window in which an outline is looked at. */
const REACH = 6;
const MOST_LOOKS = 1200;
/** Step in Lab across an outline that is an edge. */
const STEP = 3;
/** How far to both sides of an outline, in pixels, its edge may lie, and how wide it may be. */
const ASIDE = 3;
const WIDE = 6;
/** Pixels along the outline to both sides over which grain is averaged out. */
const ALONG = 2;
/** Least change within two pixels, in Lab, and its share of the whole change, from which an edge is sharp. */
const JUMP = 2;
const SHARP = 0.35;

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

type Colour = readonly [number, number, number];

const between = (p: Colour, q: Colour): number => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);

/** Direction from inside the mask to its outside at pixel (x, y), of length 1. */
function outwards({ width: w, height: h }: Scene, mask: Mask, x: number, y: number): readonly [number, number] {
  let [dx, dy] = [0, 0];
  for (let v = Math.max(0, y - REACH); v <= Math.min(h - 1, y + REACH); v++) {
    for (let u = Math.max(0, x - REACH); u <= Math.min(w - 1, x + REACH); u++) {
      const sign = mask[v * w + u] ? -1 : 1;
      dx += sign * (u - x);
      dy += sign * (v - y);
    }
  }
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

/** Does the colour change near pixel (x, y) of an outline all at once? */
function isSharpAt(scene: Scene, mask: Mask, x: number, y: number): boolean {
  const { width: w, height: h, L, a, b } = scene;
  const [nx, ny] = outwards(scene, mask, x, y);
  const colourAt = (across: number): Colour => {
    const sum: [number, number, number] = [0, 0, 0];
    for (let along = -ALONG; along <= ALONG; along++) {
      const u = Math.min(w - 1, Math.max(0, Math.round(x + across * nx - along * ny)));
      const v = Math.min(h - 1, Math.max(0, Math.round(y + across * ny + along * nx)));
      sum[0] += L[v * w + u]!;
      sum[1] += a[v * w + u]!;
      sum[2] += b[v * w + u]!;
    }
    return sum.map((value) => value / (2 * ALONG + 1)) as [number, number, number];
  };
  const across = Array.from({ length: 2 * (ASIDE + WIDE) + 1 }, (_, k) => colourAt(k - ASIDE - WIDE));
  const change = (at: number, reach: number): number => between(across[at - reach]!, across[at + reach]!);
  let [at, jump] = [0, 0];
  for (let k = WIDE; k <= WIDE + 2 * ASIDE; k++) {
    const size = change(k, 1);
    if (size > jump) [at, jump] = [k, size];
  }
  return jump > JUMP && jump > SHARP * Math.max(...[3, 4, WIDE].map((reach) => change(at, reach)));
}

/** Shares of its outline along which a thing differs from what is around it, and does so sharply: soft things have few sharp places. */
const LEAST_EDGES = 0.4;
const LEAST_SHARP = 0.08;

/** Does the mask's outline follow edges in the photo? A mask that has no outline in it does. */
export function isSupported(scene: Scene, mask: Mask): boolean {
  const { width: w, height: h } = scene;
  const outline: number[] = [];
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const i = y * w + x;
      if (mask[i] && !(mask[i - 1] && mask[i + 1] && mask[i - w] && mask[i + w])) outline.push(i);
    }
  }
  const step = Math.max(1, Math.floor(outline.length / MOST_LOOKS));
  let [edges, sharp, looks] = [0, 0, 0];
  for (let k = 0; k < outline.length; k += step, looks++) {
    const x = outline[k]! % w;
    const y = (outline[k]! - x) / w;
    if (stepAt(scene, mask, x, y) <= STEP) continue;
    edges++;
    if (isSharpAt(scene, mask, x, y)) sharp++;
  }
  return edges >= LEAST_EDGES * looks && sharp >= LEAST_SHARP * looks;
}
