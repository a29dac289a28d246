// Window and Door: plain rectangles in a wall, told apart by light and shape.

import { type Component, keepComponents } from './components.ts';
import { close, dilate, erode, intersect, type Mask, maskWhere, subtract } from './mask.ts';
import type { Scene } from './scene.ts';

const rectangular = (c: Component): boolean => c.area > 0.68 * c.bbox[2] * c.bbox[3];

/** Dark upright patches that a facade encloses. */
export function findWindowsOutdoors(scene: Scene, wall: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const facade = close(wall, w, h, Math.round(w / 40));
  const dark = maskWhere(size, (i) => scene.L[i]! < 50);
  const holes = intersect(subtract(facade, wall), dark);
  const pane = (c: Component): boolean =>
    c.area > size * 0.0004 &&
    c.area < size * 0.03 &&
    c.area > 0.6 * c.length * c.thickness &&
    c.length < 4 * c.thickness &&
    c.thickness > w * 0.008;
  return keepComponents(holes, w, h, pane);
}

/** Patches without edges inside, grown back to their rim. */
function patches(scene: Scene, test: (i: number) => boolean, shape: (c: Component) => boolean): Mask {
  const { width: w, height: h, size } = scene;
  const plain = maskWhere(size, (i) => scene.gradient[i]! < 5 && test(i));
  return dilate(keepComponents(erode(plain, w, h, 1), w, h, shape), w, h, 2);
}

/** Daylight: large, nearly white or bluish rectangles above the lower third of a room. */
export function findWindowsIndoors(scene: Scene, room: Mask): Mask {
  const { height: h, size } = scene;
  const daylight = (i: number): boolean => scene.L[i]! > 88 || (scene.L[i]! > 65 && scene.b[i]! < -6);
  const pane = (c: Component): boolean =>
    c.area > size * 0.01 && c.area < size * 0.35 && rectangular(c) && c.bbox[1] + c.bbox[3] < h * 0.85;
  return subtract(patches(scene, daylight, pane), room);
}

/** A tall plain rectangle that stands in the lower half. */
export function findDoors(scene: Scene, room: Mask): Mask {
  const { height: h } = scene;
  const leaf = (c: Component): boolean => {
    const [, y, cw, ch] = c.bbox;
    return rectangular(c) && ch > h * 0.35 && ch > 1.5 * cw && ch < 3.6 * cw && y + ch > h * 0.6 && y > h * 0.02;
  };
  const outside = subtract(new Uint8Array(scene.size).fill(1), room);
  return patches(scene, (i) => outside[i] === 1, leaf);
}
