// Connected components (8-neighbourhood) of a mask, with the shape figures that detectors and instances.json use.

import type { Mask } from './mask.ts';

export interface Component {
  readonly label: number;
  readonly area: number;
  /** left, top, width, height in pixels */
  readonly bbox: readonly [number, number, number, number];
  /** pixels on the photo's border, by side */
  readonly touches: { top: number; bottom: number; left: number; right: number };
  /** length of the longer and the shorter principal axis, in pixels */
  readonly length: number;
  readonly thickness: number;
}

export interface Components {
  /** 0 outside, else the component's label, from 1 */
  readonly labels: Int32Array;
  readonly list: readonly Component[];
}

function flood(
  mask: ArrayLike<number>,
  labels: Int32Array,
  stack: Int32Array,
  start: number,
  label: number,
  w: number,
) {
  const h = labels.length / w;
  let top = 0;
  let n = 0;
  stack[top++] = start;
  labels[start] = label;
  const member: number[] = [];
  while (top > 0) {
    const i = stack[--top]!;
    member[n++] = i;
    const x = i % w;
    const y = (i - x) / w;
    for (let dy = -1; dy <= 1; dy++) {
      const ny = y + dy;
      if (ny < 0 || ny >= h) continue;
      for (let dx = -1; dx <= 1; dx++) {
        const nx = x + dx;
        if (nx < 0 || nx >= w) continue;
        const j = ny * w + nx;
        if (mask[j] && !labels[j]) {
          labels[j] = label;
          stack[top++] = j;
        }
      }
    }
  }
  return member;
}

function measure(label: number, member: readonly number[], w: number, h: number): Component {
  let [x0, y0, x1, y1] = [w, h, 0, 0];
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  const touches = { top: 0, bottom: 0, left: 0, right: 0 };
  for (const i of member) {
    const x = i % w;
    const y = (i - x) / w;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
    sx += x;
    sy += y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
    if (y === 0) touches.top++;
    if (y === h - 1) touches.bottom++;
    if (x === 0) touches.left++;
    if (x === w - 1) touches.right++;
  }
  const n = member.length;
  const vx = sxx / n - (sx / n) ** 2;
  const vy = syy / n - (sy / n) ** 2;
  const vxy = sxy / n - (sx / n) * (sy / n);
  const half = Math.sqrt(((vx - vy) / 2) ** 2 + vxy * vxy);
  // A uniform bar of length d has variance d²/12.
  const axis = (v: number) => Math.sqrt(12 * Math.max(0, v) + 1);
  return {
    label,
    area: n,
    bbox: [x0, y0, x1 - x0 + 1, y1 - y0 + 1],
    touches,
    length: axis((vx + vy) / 2 + half),
    thickness: axis((vx + vy) / 2 - half),
  };
}

export function findComponents(mask: ArrayLike<number>, w: number, h: number): Components {
  const labels = new Int32Array(w * h);
  const stack = new Int32Array(w * h);
  const list: Component[] = [];
  for (let i = 0; i < labels.length; i++) {
    if (!mask[i] || labels[i]) continue;
    const label = list.length + 1;
    list.push(measure(label, flood(mask, labels, stack, i, label, w), w, h));
  }
  return { labels, list };
}

/** The part of a mask whose components pass the test. */
export function keepComponents(mask: Mask, w: number, h: number, test: (c: Component) => boolean): Mask {
  const { labels, list } = findComponents(mask, w, h);
  const keep = list.map(test);
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < out.length; i++) {
    const label = labels[i]!;
    if (label && keep[label - 1]) out[i] = 1;
  }
  return out;
}

/** Fills holes (areas cut off from the photo's border) of at most `maxArea` pixels. */
export function fillHoles(mask: Mask, w: number, h: number, maxArea: number): Mask {
  const holes = keepComponents(
    mask.map((v) => 1 - v),
    w,
    h,
    ({ touches: t, area }) => t.top + t.bottom + t.left + t.right === 0 && area <= maxArea,
  );
  return mask.map((v, i) => v | holes[i]!);
}
