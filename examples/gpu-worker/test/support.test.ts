// An outline that follows what can be seen, and others that only touch it.

import { expect, test } from 'vitest';
import { buildScene } from '../src/segment/scene.ts';
import { isSupported } from '../src/segment/support.ts';

const [WIDTH, HEIGHT] = [240, 160];
/** A box that is darker than the flat ground around it. */
const BOX = { left: 80, top: 50, right: 159, bottom: 109 };

type Box = typeof BOX;
const isIn = ({ left, top, right, bottom }: Box, x: number, y: number): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;

function scene() {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    rgb.fill(isIn(BOX, i % WIDTH, Math.floor(i / WIDTH)) ? 90 : 200, 3 * i, 3 * i + 3);
  }
  return buildScene(rgb, WIDTH, HEIGHT);
}

const maskOf = (box: Box): Uint8Array =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (isIn(box, i % WIDTH, Math.floor(i / WIDTH)) ? 1 : 0));

test('the outline of a box that can be seen is supported', () => {
  expect(isSupported(scene(), maskOf(BOX))).toBe(true);
});

test.each([
  ['one of its sides, and is drawn freely beyond it', { ...BOX, left: 10, top: 12, bottom: 147 }],
  ['nothing at all', { left: 10, top: 10, right: 60, bottom: 140 }],
])('an outline that follows %s is not, sharp as that side may be', (_, box) => {
  expect(isSupported(scene(), maskOf(box))).toBe(false);
});
