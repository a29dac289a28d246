// Gloss, Glass_highlight and Light: what is far brighter than its surroundings.

import { type Component, keepComponents } from './components.ts';
import { boxBlur } from './filter.ts';
import { seenThrough } from './holes.ts';
import { dilate, erode, intersect, type Mask, maskWhere, subtract, union } from './mask.ts';
import { withoutOutline } from './outline.ts';
import type { Scene } from './scene.ts';

interface Glint {
  /** how much lighter than the surface around, in L */
  readonly lift: number;
  readonly minL: number;
  /** A mirror image of a lamp is nearly white, whatever the surface's colour. */
  readonly maxChroma: number;
  /** largest spot, as a share of the photo */
  readonly maxArea: number;
}

/** Mean lightness around each pixel, counting only pixels of the surface. */
function lightAround({ width: w, height: h, L }: Scene, surface: Mask, r: number): Float32Array {
  const spread = (plane: Float32Array) => boxBlur(boxBlur(plane, w, h, r), w, h, r);
  const share = spread(new Float32Array(surface));
  return spread(L.map((v, i) => v * surface[i]!)).map((v, i) => v / Math.max(share[i]!, 1e-3));
}

function glints(scene: Scene, surface: Mask, { lift, minL, maxChroma, maxArea }: Glint): Mask {
  const { width: w, height: h, size } = scene;
  const zone = dilate(surface, w, h, 2);
  const around = lightAround(scene, surface, Math.round(w / 20));
  const raw = maskWhere(
    size,
    (i) => zone[i] === 1 && scene.L[i]! > minL && scene.chroma[i]! < maxChroma && scene.L[i]! - around[i]! > lift,
  );
  return keepComponents(raw, w, h, (c) => c.area < size * maxArea && c.area > 6);
}

/** Spots with their halo, and those that may be holes without their edge: paint leaves no rim of the old colour there. */
function withHalo(scene: Scene, spots: Mask, body: Mask): Mask {
  const { width: w, height: h } = scene;
  const holes = seenThrough(scene, spots, body);
  const glow = subtract(spots, holes);
  return union(erode(holes, w, h, 1), intersect(dilate(glow, w, h, 1), dilate(body, w, h, 2)));
}

/** Specular highlights on the product's own surface. */
export function findGloss(scene: Scene, body: Mask): Mask {
  const spots = glints(scene, body, { lift: 18, minL: 58, maxChroma: 32, maxArea: 0.03 });
  // Slivers between a glint and the surface around it are no background.
  return withHalo(scene, withoutOutline(scene, spots, union(body, spots), { near: 3, share: 0.3 }), body);
}

/** Reflections on glass: nearly white spots inside windows. */
export function findGlassHighlight(scene: Scene, windows: Mask): Mask {
  const spots = glints(scene, windows, { lift: 22, minL: 75, maxChroma: 25, maxArea: 0.01 });
  const { width: w, height: h } = scene;
  return intersect(dilate(spots, w, h, 1), dilate(windows, w, h, 2));
}

/** Lamps: compact blobs at the top of the scale, in the upper part of a room. */
export function findLight(scene: Scene): Mask {
  const { width: w, height: h, size } = scene;
  const raw = maskWhere(size, (i) => scene.L[i]! > 95);
  const lamp = (c: Component): boolean =>
    c.bbox[1] + c.bbox[3] < h * 0.65 &&
    c.area > size * 0.0005 &&
    c.area < size * 0.05 &&
    c.length < 3 * c.thickness &&
    c.area > 0.6 * c.length * c.thickness;
  return keepComponents(raw, w, h, lamp);
}
