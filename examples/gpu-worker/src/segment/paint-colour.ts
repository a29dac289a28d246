// One paint under uneven light: a surface in shade keeps its hue and loses chroma together with its lightness.

import type { Mask } from './mask.ts';
import type { Scene } from './scene.ts';

export interface Paint {
  readonly L: number;
  readonly a: number;
  readonly b: number;
  /** mean distance in the (a, b) plane of the pixels it was measured from */
  readonly spread: number;
}

export function meanPaint(scene: Scene, where: Mask): Paint {
  const sum = { n: 1e-9, L: 0, a: 0, b: 0 };
  for (let i = 0; i < scene.size; i++) {
    if (!where[i]) continue;
    sum.n++;
    sum.L += scene.L[i]!;
    sum.a += scene.a[i]!;
    sum.b += scene.b[i]!;
  }
  const paint = { L: sum.L / sum.n, a: sum.a / sum.n, b: sum.b / sum.n, spread: 0 };
  let spread = 0;
  for (let i = 0; i < scene.size; i++) if (where[i]) spread += paintDistance(scene, i, paint);
  return { ...paint, spread: spread / sum.n };
}

/** Distance in the (a, b) plane between a pixel and a paint as it would look at the pixel's lightness. */
export function paintDistance(scene: Scene, i: number, paint: Paint): number {
  const shade = Math.min(1, scene.L[i]! / paint.L);
  return Math.hypot(scene.a[i]! - paint.a * shade, scene.b[i]! - paint.b * shade);
}
