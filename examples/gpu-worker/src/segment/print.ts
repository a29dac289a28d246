// Label_Text and Logo: what is printed on a product. Text is many thin strokes close together; a logo is a small compact group of
// marks in a colour of its own on a plain ground.

import { type Component, fillHoles, findComponents, keepComponents } from './components.ts';
import { boxBlur } from './filter.ts';
import { close, dilate, intersect, type Mask, maskWhere, subtract, union } from './mask.ts';
import { withoutOutline } from './outline.ts';
import type { Scene } from './scene.ts';

/** Thin marks lighter or darker than what is around them: letters, by size and stroke width. */
function strokes(scene: Scene, sign: number): Mask {
  const { width: w, height: h, size } = scene;
  const around = boxBlur(scene.rawL, w, h, Math.max(4, Math.round(w / 60)));
  const raw = maskWhere(size, (i) => sign * (scene.rawL[i]! - around[i]!) > STROKE_CONTRAST);
  const letter = (c: Component): boolean =>
    c.area >= 5 && c.bbox[3] < h * 0.16 && c.bbox[2] < w * 0.16 && c.area < size * 0.006;
  return keepComponents(raw, w, h, letter);
}

const STROKE_CONTRAST = 13;
/** Fewest separate marks that make a text. */
const LETTERS = 5;

/** Groups of letters within `zone`, filled as blocks. */
export function findText(scene: Scene, zone: Mask): Mask {
  const { width: w, height: h, size } = scene;
  let found: Mask = new Uint8Array(size);
  for (const sign of [1, -1]) {
    const marks = withoutOutline(scene, intersect(strokes(scene, sign), zone), zone, { near: 4, share: 0.5 });
    const { labels, list } = findComponents(marks, w, h);
    const block = close(marks, w, h, Math.max(2, Math.round(w / 130)));
    const text = keepTexts(block, labels, list, w, h);
    found = union(found, text);
  }
  return dilate(fillHoles(found, w, h, size * 0.001), w, h, 1);
}

/** Blocks that hold several marks of like height, standing in a row. */
function keepTexts(block: Mask, labels: Int32Array, marks: readonly Component[], w: number, h: number): Mask {
  const blocks = findComponents(block, w, h);
  const members = blocks.list.map(() => new Set<number>());
  for (let i = 0; i < block.length; i++) {
    if (labels[i] && blocks.labels[i]) members[blocks.labels[i]! - 1]!.add(labels[i]! - 1);
  }
  const keep = blocks.list.map((c, k) => {
    const letters = [...members[k]!].map((m) => marks[m]!);
    return letters.length >= LETTERS && evenSizes(letters) && c.length > 1.6 * c.thickness;
  });
  return block.map((v, i) => (v && keep[blocks.labels[i]! - 1] ? 1 : 0));
}

/** Letters of one line are alike in size; leaves, grain and fruit flesh are not. */
function evenSizes(letters: readonly Component[]): boolean {
  const spans = letters.map((c) => Math.max(c.bbox[2], c.bbox[3])).sort((a, b) => a - b);
  const middle = spans[spans.length >> 1]!;
  const like = spans.filter((s) => s > middle * 0.5 && s < middle * 2).length;
  return middle >= 4 && like >= spans.length * 0.6;
}

/** Small saturated marks on a plain ground of another colour. */
export function findLogo(scene: Scene, text: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const r = Math.round(w / 16);
  const wide = (plane: Float32Array) => boxBlur(boxBlur(plane, w, h, r), w, h, r);
  const [a, b] = [wide(scene.a), wide(scene.b)];
  const marked = maskWhere(
    size,
    (i) => scene.chroma[i]! > 20 && Math.hypot(scene.a[i]! - a[i]!, scene.b[i]! - b[i]!) > 17,
  );
  const plain = scene.chroma.map((c, i) => (marked[i] ? 0 : c));
  const ground = wide(plain);
  const compact = (c: Component): boolean => {
    const [x, y, cw, ch] = c.bbox;
    const centre = Math.round(y + ch / 2) * w + Math.round(x + cw / 2);
    const inside = c.touches.top + c.touches.bottom + c.touches.left + c.touches.right === 0;
    return (
      inside && c.area > size * 0.0003 && c.area < size * 0.02 && c.length < 4 * c.thickness && ground[centre]! < 12
    );
  };
  return subtract(dilate(keepComponents(close(marked, w, h, 1), w, h, compact), w, h, 1), text);
}
