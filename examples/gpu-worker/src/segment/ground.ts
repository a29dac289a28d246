// The ground of a product photo, where it is plain, between things that stand close together: what has its colour, up to how the light falls,
// hangs together with it, and ends at edges. White goods on white go over into it, and are left as they are.

import { findComponents } from './components.ts';
import { dilate, intersect, type Mask, maskWhere, subtract } from './mask.ts';
import type { Scene } from './scene.ts';
import { smoothSurface } from './surface.ts';

/** Difference in Lab from the light's fall that is still the ground, and the share of what surely is ground that has no more of it. */
const LIKE_GROUND = 4;
const LEAST_PLAIN = 0.9;
/** Difference by which a thing is told from it, and the share of its outline along which it is: light that falls off ends nowhere. */
const UNLIKE_GROUND = 8;
const LEAST_EDGES = 0.7;
/** Pixels from the outline at which that is looked at. */
const INSIDE = 3;
/** Width of the strip along the photo's rim in which the ground is looked for, as a share of the shorter side, and pixels around the figure. */
const RIM = 0.06;
const MARGIN = 4;

/** By pixel: how far it is in Lab from the light's fall over the rim of the photo; null when that is not plain. */
function distances({ width, height, size, L, a, b }: Scene, rim: Mask): Float32Array | null {
  const surface = smoothSurface([L, a, b], width, height, (i) => rim[i] === 1);
  if (!surface) return null;
  const distance = (i: number): number => {
    const [l, u, v] = [L[i]! - surface(i, 0), a[i]! - surface(i, 1), b[i]! - surface(i, 2)];
    return Math.sqrt(l * l + u * u + v * v);
  };
  let [n, plain] = [0, 0];
  for (let i = 0; i < size; i++) {
    if (!rim[i]) continue;
    n++;
    if (distance(i) <= LIKE_GROUND) plain++;
  }
  if (plain < LEAST_PLAIN * n) return null;
  const far = new Float32Array(size);
  for (let i = 0; i < size; i++) far[i] = distance(i);
  return far;
}

/** Pixels that have the ground's colour and hang together with the rim. */
function groundOf({ width, height, size }: Scene, far: Float32Array, rim: Mask): Mask {
  const alike = maskWhere(size, (i) => far[i]! <= LIKE_GROUND);
  const { labels } = findComponents(alike, width, height);
  const ground = new Set<number>();
  for (let i = 0; i < size; i++) if (rim[i] && labels[i]) ground.add(labels[i]!);
  return maskWhere(size, (i) => ground.has(labels[i]!));
}

/** The figure without the plain ground in it. */
export function withoutGround(scene: Scene, figure: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const near = dilate(figure, w, h, MARGIN);
  const wide = Math.round(RIM * Math.min(w, h));
  const rim = maskWhere(size, (i) => {
    const [x, y] = [i % w, Math.floor(i / w)];
    return near[i] === 0 && Math.min(x, y, w - 1 - x, h - 1 - y) < wide;
  });
  const far = distances(scene, rim);
  if (!far) return figure;
  const ground = groundOf(scene, far, rim);
  const between = intersect(figure, ground);
  const things = subtract(figure, ground);
  const inside = subtract(dilate(between, w, h, INSIDE), dilate(between, w, h, INSIDE - 1));
  let [n, edges] = [0, 0];
  for (let i = 0; i < size; i++) {
    if (!things[i] || !inside[i]) continue;
    n++;
    if (far[i]! > UNLIKE_GROUND) edges++;
  }
  return edges >= LEAST_EDGES * n ? things : figure;
}
