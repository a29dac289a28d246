// Holes in a thing, such as a handle's: what is behind it is seen through them, and is no part of it.

import { findComponents } from './components.ts';
import { dilate, erode, type Mask, maskWhere } from './mask.ts';
import type { Scene } from './scene.ts';

/** Difference in Lab from what lies around a thing under which a spot on it may be a hole that this is seen through. */
const LIKE_BEHIND = 8;

function meanOf({ size, L, a, b }: Scene, counts: (i: number) => boolean): number[] {
  const sums = [0, 0, 0];
  let n = 0;
  for (let i = 0; i < size; i++) {
    if (!counts(i)) continue;
    n++;
    for (const [c, plane] of [L, a, b].entries()) sums[c] = sums[c]! + plane[i]!;
  }
  return sums.map((sum) => sum / Math.max(1, n));
}

/** Those of the spots on a thing that look like what lies around it. */
export function seenThrough(scene: Scene, spots: Mask, thing: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const near = dilate(thing, w, h, 4);
  const behind = meanOf(scene, (i) => near[i] === 0);
  const inner = erode(spots, w, h, 1);
  const { labels, list } = findComponents(spots, w, h);
  const through = list.map((_, k) => {
    const isOwn = (i: number): boolean => labels[i] === k + 1;
    // Pixels at a spot's rim are mixed with the thing.
    const own = meanOf(scene, list[k]!.thickness > 4 ? (i) => isOwn(i) && inner[i] === 1 : isOwn);
    return Math.hypot(...own.map((v, c) => v - behind[c]!)) < LIKE_BEHIND;
  });
  return maskWhere(size, (i) => spots[i] === 1 && through[labels[i]! - 1] === true);
}
