// Gloss, Glass_highlight and Light: what is far brighter than its surroundings.

import { type Component, findComponents, keepComponents } from './components.ts';
import { boxBlur } from './filter.ts';
import { dilate, intersect, type Mask, maskWhere, open } from './mask.ts';
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
  const spots = keepComponents(raw, w, h, (c) => c.area < size * maxArea && c.area > 6);
  return intersect(dilate(spots, w, h, 1), zone);
}

/** How near to what is not the surface, in pixels, a glint's pixel is at its edge; and the share of such pixels that makes it an edge. */
const AT_EDGE = 3;
const EDGE_SHARE = 0.3;

/** Without the pixels along the surface's outline that are light because what lies behind it is. */
function withoutEdges({ width: w, height: h }: Scene, spots: Mask, surface: Mask): Mask {
  // Slivers between a glint and the surface around it are no background.
  const behind = open(
    maskWhere(spots.length, (i) => !surface[i] && !spots[i]),
    w,
    h,
    1,
  );
  const edge = dilate(behind, w, h, AT_EDGE);
  const { labels, list } = findComponents(spots, w, h);
  const near = new Uint32Array(list.length);
  for (let i = 0; i < spots.length; i++) if (labels[i] && edge[i]) near[labels[i]! - 1] = near[labels[i]! - 1]! + 1;
  return spots.map((v, i) => (v && near[labels[i]! - 1]! < EDGE_SHARE * list[labels[i]! - 1]!.area ? 1 : 0));
}

/** Specular highlights on the product's own surface. */
export function findGloss(scene: Scene, body: Mask): Mask {
  const spots = glints(scene, body, { lift: 18, minL: 58, maxChroma: 32, maxArea: 0.03 });
  return withoutEdges(scene, spots, body);
}

/** Reflections on glass: nearly white spots inside windows. */
export function findGlassHighlight(scene: Scene, windows: Mask): Mask {
  return glints(scene, windows, { lift: 22, minL: 75, maxChroma: 25, maxArea: 0.01 });
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
