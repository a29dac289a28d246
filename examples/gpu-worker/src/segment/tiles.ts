// Tile and Grout: a surface cut by thin joints into many plain pieces of like size.

import { type Component, findComponents, keepComponents } from './components.ts';
import { boxBlur } from './filter.ts';
import { dilate, intersect, type Mask, maskWhere, subtract } from './mask.ts';
import type { Scene } from './scene.ts';

export interface Tiling {
  readonly tiles: Mask;
  readonly grout: Mask;
}

const FEWEST_TILES = 8;

function joints(scene: Scene, surface: Mask, sign: number): Mask {
  const { width: w, height: h, size } = scene;
  const around = boxBlur(scene.L, w, h, 5);
  const thin = maskWhere(size, (i) => surface[i] === 1 && sign * (scene.L[i]! - around[i]!) > 3);
  return keepComponents(thin, w, h, (c) => c.length > w * 0.1);
}

/** Enclosed, nearly rectangular pieces, most of them of like size. */
function pieces(scene: Scene, surface: Mask, lines: Mask): Mask | null {
  const { width: w, height: h, size } = scene;
  const rest = subtract(surface, lines);
  const square = (c: Component): boolean =>
    c.area > size * 0.001 &&
    c.area < size * 0.06 &&
    c.area > 0.72 * c.length * c.thickness &&
    c.length < 3 * c.thickness;
  const list = findComponents(rest, w, h).list.filter(square);
  const sizes = list.map((c) => c.area).sort((x, y) => x - y);
  const middle = sizes[sizes.length >> 1] ?? 0;
  const like = (c: Component): boolean => square(c) && c.area > middle * 0.5 && c.area < middle * 2;
  if (list.length < FEWEST_TILES || list.filter(like).length < 0.6 * list.length) return null;
  return keepComponents(rest, w, h, like);
}

export function findTiling(scene: Scene, surface: Mask): Tiling | null {
  const { width: w, height: h, size } = scene;
  for (const sign of [-1, 1]) {
    const lines = joints(scene, surface, sign);
    const tiles = pieces(scene, surface, lines);
    if (!tiles) continue;
    const covered = tiles.reduce((n, v) => n + v, 0);
    if (covered < size * 0.04) continue;
    return { tiles, grout: intersect(lines, dilate(tiles, w, h, 5)) };
  }
  return null;
}
