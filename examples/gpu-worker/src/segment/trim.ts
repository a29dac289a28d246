// Frame_Molding: skirting boards, cornices, ledges and frames, as bands that are long, thin and straight.

import { type Component, keepComponents } from './components.ts';
import { boxBlur } from './filter.ts';
import { dilate, intersect, type Mask, maskWhere, rank, union } from './mask.ts';
import type { Scene } from './scene.ts';

/** Share of a component's principal rectangle that it fills: 1 for a straight bar. */
const full = (c: Component): number => c.area / (c.length * c.thickness);

/** Share of the upright bounding box that it fills: high for what runs level or plumb. */
const level = (c: Component): number => c.area / (c.bbox[2] * c.bbox[3]);

/** Light painted boards: plain, pale, level or plumb, and much longer than wide. */
function boards(scene: Scene, floor: Mask | null): Mask {
  const { width: w, height: h, size } = scene;
  const pale = maskWhere(
    size,
    (i) => !floor?.[i] && scene.L[i]! > 62 && scene.chroma[i]! < 25 && scene.gradient[i]! < 4,
  );
  const long = (c: Component): boolean =>
    c.touches.bottom === 0 &&
    c.length > w * 0.1 &&
    c.length > 2.5 * c.thickness &&
    c.thickness > h * 0.015 &&
    c.thickness < h * 0.14 &&
    level(c) > 0.55;
  return dilate(keepComponents(rank(pale, w, h, 1, 0.6), w, h, long), w, h, 2);
}

/** Dark or bright lines a few pixels wide that run straight for a tenth of the photo. */
function lines(scene: Scene, accept: (c: Component, sign: number) => boolean): Mask {
  const { width: w, height: h, size } = scene;
  const around = boxBlur(boxBlur(scene.L, w, h, 6), w, h, 6);
  const straight = (c: Component): boolean =>
    c.length > w * 0.08 && c.thickness < h * 0.035 && c.length > 6 * c.thickness && full(c) > 0.45;
  const of = (sign: number): Mask => {
    const sharp = maskWhere(size, (i) => sign * (scene.L[i]! - around[i]!) > 12);
    return keepComponents(sharp, w, h, (c) => straight(c) && accept(c, sign));
  };
  return union(of(1), of(-1));
}

export function findTrimIndoors(scene: Scene, floor: Mask | null): Mask {
  return union(
    boards(scene, floor),
    lines(scene, (c) => level(c) > 0.4),
  );
}

/** Ledges and cornices of a facade run in any direction, but on or beside the wall. */
export function findTrimOutdoors(scene: Scene, wall: Mask): Mask {
  const { width: w, height: h } = scene;
  return intersect(
    lines(scene, (c, sign) => sign < 0 || c.thickness < h * 0.018),
    dilate(wall, w, h, 4),
  );
}
