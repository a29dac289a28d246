// A thing's own outline is no part of what is on it: pixels there are light or dark because what lies behind the thing is.

import { findComponents } from './components.ts';
import { dilate, invert, type Mask, open } from './mask.ts';
import type { Scene } from './scene.ts';

export interface Outline {
  /** how near to what is not the thing, in pixels, a pixel is at its outline */
  readonly near: number;
  /** of a mark's pixels, the share at the outline from which the mark is the outline */
  readonly share: number;
}

/** The marks on a thing without those that lie along its outline. */
export function withoutOutline(
  { width: w, height: h }: Scene,
  marks: Mask,
  thing: Mask,
  { near, share }: Outline,
): Mask {
  const edge = dilate(open(invert(thing), w, h, 1), w, h, near);
  const { labels, list } = findComponents(marks, w, h);
  const atEdge = new Uint32Array(list.length);
  for (let i = 0; i < marks.length; i++) if (labels[i] && edge[i]) atEdge[labels[i]! - 1] = atEdge[labels[i]! - 1]! + 1;
  return marks.map((v, i) => (v && atEdge[labels[i]! - 1]! < share * list[labels[i]! - 1]!.area ? 1 : 0));
}
