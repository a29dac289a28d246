// Exteriors (facade photos in the interior preset): sky, plants, and the built wall that is left.

import { type Component, fillHoles, findComponents, keepComponents } from './components.ts';
import { smooth } from './filter.ts';
import { dilate, type Mask, maskWhere, rank } from './mask.ts';
import { meanPaint, type Paint, paintDistance } from './paint-colour.ts';
import type { Scene } from './scene.ts';

/** Blue or very bright, nearly without texture, and hanging from the top edge. */
export function findSky(scene: Scene): Mask {
  const { width: w, height: h, size } = scene;
  const pale = maskWhere(
    size,
    (i) => scene.texture[i]! < 5 && scene.b[i]! < -3 && scene.b[i]! < scene.a[i]! + 1 && scene.L[i]! > 30,
  );
  const hanging = keepComponents(rank(pale, w, h, 1, 0.5), w, h, hangs(w, h));
  const largest = findComponents(hanging, w, h).list.reduce((most, c) => Math.max(most, c.area), 0);
  return largest > size * 0.03 ? hanging : new Uint8Array(size);
}

/** Sky reaches the top of the photo, if only between branches, and the border for some length. */
const hangs =
  (w: number, h: number) =>
  ({ touches, bbox }: Component): boolean =>
    bbox[1] < h * 0.15 && touches.top + touches.left + touches.right > w * 0.04;

/** Sky with the clouds and birds inside it and along its rim. */
function skyZone(scene: Scene, sky: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const grown = dilate(sky, w, h, 3);
  const cloud = maskWhere(size, (i) => scene.texture[i]! < 5 && scene.chroma[i]! < 25 && scene.b[i]! < 4);
  const touching = keepComponents(
    cloud.map((v, i) => v | grown[i]!),
    w,
    h,
    hangs(w, h),
  );
  return fillHoles(touching, w, h, size * 0.01);
}

/** Green, or dark and busy: trees, hedges, grass. */
function findPlants(scene: Scene): Mask {
  const { width: w, height: h, size } = scene;
  const busy = smooth(scene.texture, w, h, 4);
  const raw = maskWhere(size, (i) => {
    const green = scene.b[i]! > 4 && scene.a[i]! < -0.35 * scene.b[i]!;
    return (green && busy[i]! > 3) || (scene.L[i]! < 22 && busy[i]! > 5);
  });
  return rank(raw, w, h, 3, 0.5);
}

/** The commonest smooth, not too dark colour outside sky and plants, and everything that shares its hue. */
export function findFacade(scene: Scene, sky: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const air = skyZone(scene, sky);
  const plants = findPlants(scene);
  const built = maskWhere(size, (i) => !air[i] && !plants[i] && scene.L[i]! > 34);
  const paint = commonestPaint(scene, built);
  const reach = 8 + 0.3 * Math.hypot(paint.a, paint.b);
  const raw = maskWhere(size, (i) => built[i] === 1 && paintDistance(scene, i, paint) < reach);
  const solid = fillHoles(rank(raw, w, h, 1, 0.5), w, h, size * 0.0004);
  return keepComponents(solid, w, h, (c) => c.area > size * 0.002);
}

/** The smooth pixels of the fullest cell of the (a, b) plane, as a paint. */
function commonestPaint(scene: Scene, where: Mask): Paint {
  const CELL = 6;
  const cellOf = (i: number) => Math.round(scene.a[i]! / CELL) * 1000 + Math.round(scene.b[i]! / CELL);
  const counts = new Map<number, number>();
  let best = 0;
  for (let i = 0; i < scene.size; i++) {
    if (!where[i] || scene.texture[i]! > 6) continue;
    const cell = cellOf(i);
    const n = (counts.get(cell) ?? 0) + 1;
    counts.set(cell, n);
    if (n > (counts.get(best) ?? 0)) best = cell;
  }
  return meanPaint(
    scene,
    maskWhere(scene.size, (i) => where[i] === 1 && scene.texture[i]! <= 6 && cellOf(i) === best),
  );
}
