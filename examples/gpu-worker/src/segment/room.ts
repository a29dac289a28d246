// Interiors: wall, floor and ceiling compete with whatever stands in front of them; each starts from where it usually lies.

import { compete, wonBy } from './compete.ts';
import { fillHoles, keepComponents } from './components.ts';
import { type Mask, maskWhere, rank } from './mask.ts';
import { meanPaint, paintDistance } from './paint-colour.ts';
import type { Scene } from './scene.ts';
import { histogram, overlap } from './words.ts';

export interface Room {
  readonly wall: Mask;
  readonly floor: Mask | null;
  readonly ceiling: Mask | null;
  /** skirting, trim and the like between wall and floor, before its shape is judged */
  readonly rest: Mask;
}

/** A horizontal strip of the photo, sides only or whole, as weights. */
function strip(scene: Scene, from: number, to: number, sidesOnly: boolean): Float32Array {
  const { width: w, height: h, size } = scene;
  const out = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const y = Math.floor(i / w) / h;
    const x = (i % w) / w;
    if (y >= from && y < to && (!sidesOnly || x < 0.2 || x > 0.8)) out[i] = 1;
  }
  return out;
}

/** How alike the colours of two strips must be to pass for one surface. */
const ONE_SURFACE = 0.72;

function hasFloor(scene: Scene): boolean {
  const low = histogram(scene.words, strip(scene, 0.93, 1, false));
  const middle = histogram(scene.words, strip(scene, 0.2, 0.6, true));
  return overlap(low, middle) < ONE_SURFACE;
}

/** A ceiling is bright, plain and unlike the wall below it. */
function hasCeiling(scene: Scene): boolean {
  const top = strip(scene, 0, 0.07, false);
  const unlike =
    overlap(histogram(scene.words, top), histogram(scene.words, strip(scene, 0.3, 0.6, true))) < ONE_SURFACE;
  let [n, light, busy] = [0, 0, 0];
  for (let i = 0; i < scene.size; i++) {
    if (!top[i]) continue;
    n++;
    light += scene.L[i]!;
    busy += scene.texture[i]!;
  }
  return unlike && light / n > 65 && busy / n < 4;
}

const bump = (v: number, centre: number, width: number): number => Math.exp(-(((v - centre) / width) ** 2));

function priors(scene: Scene, floor: boolean, ceiling: boolean): Float32Array[] {
  const { width: w, height: h, size } = scene;
  const planes = Array.from({ length: 4 }, () => new Float32Array(size));
  const [wall, thing, floors, ceilings] = planes as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (let i = 0; i < size; i++) {
    const x = (i % w) / w;
    const y = Math.floor(i / w) / h;
    const high = ceiling ? bump(y, 0.35, 0.35) : y < 0.35 ? 1 : bump(y, 0.35, 0.45);
    wall[i] = 0.1 + 0.9 * (floor ? high : 0.55 + 0.45 * high) * (1 - 0.55 * bump(x, 0.5, 0.25) * bump(y, 0.62, 0.25));
    thing[i] = 0.15 + 0.85 * bump(x, 0.52, 0.26) * bump(y, 0.65, 0.28);
    if (floor) floors[i] = y > 0.55 ? 0.02 + bump(y, 1, 0.13) : 0;
    if (ceiling) ceilings[i] = y < 0.5 ? 0.02 + bump(y, 0, 0.12) : 0;
  }
  return planes;
}

function tidy(scene: Scene, mask: Mask, minShare: number): Mask {
  const { width: w, height: h, size } = scene;
  const solid = fillHoles(rank(mask, w, h, 3, 0.5), w, h, size * 0.0015);
  return keepComponents(solid, w, h, (c) => c.area > size * minShare);
}

export function findRoom(scene: Scene): Room {
  const floor = hasFloor(scene);
  const ceiling = hasCeiling(scene);
  const reach = Math.round(scene.width / 30);
  const posteriors = compete(scene, {
    priors: priors(scene, floor, ceiling),
    vocabularies: [scene.words, scene.fabric],
    rounds: 9,
    reach,
    pull: 0.7,
  });
  const floorMask = floor ? keepLow(scene, tidy(scene, wonBy(posteriors, 2), 0.01)) : null;
  const ceilingMask = ceiling ? tidy(scene, wonBy(posteriors, 3), 0.02) : null;
  return {
    wall: tidy(scene, wonBy(posteriors, 0), 0.004),
    rest: wonBy(posteriors, 1),
    floor: floorMask,
    ceiling: ceilingMask,
  };
}

/** Floor pieces reach the bottom edge and have the colour that the floor has there, in more or less light. */
function keepLow(scene: Scene, mask: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const sample = maskWhere(size, (i) => mask[i] === 1 && i >= size * 0.88);
  const paint = meanPaint(scene, sample);
  const spread = Math.max(8, 2 * paint.spread);
  const raw = maskWhere(size, (i) => mask[i] === 1 && paintDistance(scene, i, paint) < spread);
  return keepComponents(fillHoles(rank(raw, w, h, 3, 0.6), w, h, size * 0.002), w, h, (c) => c.touches.bottom > 0);
}
