// Remove: fills the area from its surroundings by push-pull. Known pixels are averaged into ever smaller pictures until no gap is left;
// on the way back, each gap takes the value of the next smaller picture.

import { boxBlur } from '../segment/filter.ts';
import { noise } from './noise.ts';
import type { Painter } from './surface.ts';

interface Level {
  readonly w: number;
  readonly h: number;
  /** r, g, b times weight, and weight (0..1) */
  readonly planes: readonly [Float32Array, Float32Array, Float32Array, Float32Array];
}

const emptyLevel = (w: number, h: number): Level => {
  const plane = () => new Float32Array(w * h);
  return { w, h, planes: [plane(), plane(), plane(), plane()] };
};

function push(fine: Level): Level {
  const coarse = emptyLevel(Math.ceil(fine.w / 2), Math.ceil(fine.h / 2));
  for (let y = 0; y < fine.h; y++) {
    for (let x = 0; x < fine.w; x++) {
      const to = (y >> 1) * coarse.w + (x >> 1);
      for (let c = 0; c < 4; c++) coarse.planes[c]![to] = coarse.planes[c]![to]! + fine.planes[c]![y * fine.w + x]!;
    }
  }
  const weight = coarse.planes[3];
  for (let i = 0; i < weight.length; i++) {
    // Any known pixel is enough: the weight is cut at 1, the colours with it.
    if (weight[i]! > 1) for (let c = 0; c < 3; c++) coarse.planes[c]![i] = coarse.planes[c]![i]! / weight[i]!;
    weight[i] = Math.min(1, weight[i]!);
  }
  return coarse;
}

function sample(plane: Float32Array, w: number, h: number, x: number, y: number): number {
  const cx = Math.min(w - 1, Math.max(0, x));
  const cy = Math.min(h - 1, Math.max(0, y));
  const x0 = Math.floor(cx);
  const y0 = Math.floor(cy);
  const x1 = Math.min(w - 1, x0 + 1);
  const y1 = Math.min(h - 1, y0 + 1);
  const top = plane[y0 * w + x0]! * (1 - cx + x0) + plane[y0 * w + x1]! * (cx - x0);
  const low = plane[y1 * w + x0]! * (1 - cx + x0) + plane[y1 * w + x1]! * (cx - x0);
  return top * (1 - cy + y0) + low * (cy - y0);
}

function pull(fine: Level, coarse: Level): void {
  const weight = fine.planes[3];
  for (let i = 0; i < weight.length; i++) {
    const gap = 1 - weight[i]!;
    if (gap <= 0) continue;
    const x = i % fine.w;
    const y = (i - x) / fine.w;
    for (let c = 0; c < 3; c++) {
      const from = sample(coarse.planes[c]!, coarse.w, coarse.h, (x + 0.5) / 2 - 0.5, (y + 0.5) / 2 - 0.5);
      fine.planes[c]![i] = fine.planes[c]![i]! + gap * from;
    }
    weight[i] = 1;
  }
}

export const remove: Painter = ({ rgb, width, height, mask, seed }) => {
  const base = emptyLevel(width, height);
  // An object's rim and its shadow lie just outside its mask: they are no source.
  const r = Math.max(1, Math.round(Math.max(width, height) / 250));
  const near = boxBlur(new Float32Array(mask), width, height, r);
  for (let i = 0; i < mask.length; i++) {
    if (near[i]! > 0.01) continue;
    for (let c = 0; c < 3; c++) base.planes[c]![i] = rgb[3 * i + c]!;
    base.planes[3][i] = 1;
  }
  const levels = [base];
  while (levels.at(-1)!.w > 1 || levels.at(-1)!.h > 1) levels.push(push(levels.at(-1)!));
  for (let k = levels.length - 2; k >= 0; k--) pull(levels[k]!, levels[k + 1]!);
  const out = rgb.slice();
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    // A perfectly smooth fill shows among photographed grain.
    const grain = 4 * (noise((i % width) * 0.8, Math.floor(i / width) * 0.8, seed) - 0.5);
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.min(255, Math.max(0, Math.round(base.planes[c]![i]! + grain)));
  }
  return out;
};
