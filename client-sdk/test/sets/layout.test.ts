/** Where things stand in pictures, whatever the photos, names, languages and sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeChanges } from '../../src/sets/index.ts';
import type { Box } from '../../src/sets/layout/boxes.ts';
import type { Drawing, ImageOp, TextOp } from '../../src/sets/layout/drawing.ts';
import { type AnySet, anySet, drawings, measure } from './sets.ts';

const imagesOf = ({ ops }: Drawing): ImageOp[] => ops.filter((op) => op.op === 'image');
const textsOf = ({ ops }: Drawing): TextOp[] => ops.filter((op) => op.op === 'text');
const inside = (box: Box, { width, height }: { width: number; height: number }) =>
  box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
const apart = (a: Box, b: Box) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const each = (check: (one: ReturnType<typeof drawings>[number], set: AnySet) => void) =>
  fc.assert(
    fc.property(anySet, (set) => {
      for (const one of drawings(set)) check(one, set);
    }),
    { numRuns: 80 },
  );
/** As it was meant to be read, however its lines were broken. */
const joined = (drawing: Drawing) =>
  textsOf(drawing)
    .map(({ text }) => text)
    .join('')
    .replace(/\s/g, '');

describe('in every picture', () => {
  test('all boxes lie inside it, in whole pixels', () => {
    each(({ drawing }) => {
      for (const { box } of drawing.ops) {
        expect(inside(box, drawing), JSON.stringify(box)).toBe(true);
        for (const side of Object.values(box)) expect(Number.isInteger(side)).toBe(true);
      }
    });
  });

  test('each text is as wide as its box at most, and a line high', () => {
    each(({ drawing }) => {
      for (const { text, size, bold, box } of textsOf(drawing)) {
        expect(measure(text, size, bold), text).toBeLessThanOrEqual(box.width);
        expect(size).toBeLessThanOrEqual(box.height);
        expect(text).toBe(text.trim());
        expect(text).not.toBe('');
      }
    });
  });

  test('no two photos overlap, and no text lies on a photo or another text', () => {
    each(({ drawing }) => {
      const boxes = drawing.ops.filter(({ op }) => op === 'image' || op === 'text');
      for (const [at, a] of boxes.entries())
        for (const b of boxes.slice(at + 1)) expect(apart(a.box, b.box), JSON.stringify([a, b])).toBe(true);
    });
  });

  test('each photo that belongs there is there once, undistorted, and of nothing but itself', () => {
    each(({ drawing, input }) => {
      const images = imagesOf(drawing);
      const key = ({ photo, look }: { photo: number; look: number | null }) => `${photo} ${look}`;
      expect(images.map(({ shown }) => key(shown)).sort()).toEqual(input.shown.map(key).sort());
      for (const { shown, box, part } of images) {
        const photo = input.shown.find((one) => key(one) === key(shown));
        expect(inside({ ...part, width: part.width - 1e-6, height: part.height - 1e-6 }, photo!)).toBe(true);
        expect(part.width / part.height / (box.width / box.height)).toBeCloseTo(1, 6);
      }
    });
  });

  test('what is disclosed has the whole original in it, and every word of what was changed and left', () => {
    each(({ drawing, input }, { options }) => {
      if (!input.disclose || typeof options.channel === 'object') return;
      for (const { shown, part } of imagesOf(drawing)) {
        if (shown.look !== null) continue;
        const { width, height } = input.shown.find((one) => one.photo === shown.photo && one.look === null)!;
        // A box has whole pixels: the last one of a side may be missing of a photo that is far longer than wide.
        if (Math.max(width / height, height / width) < 4)
          expect(part.width * part.height).toBeGreaterThan(0.94 * width * height);
      }
      const words = joined(drawing);
      for (const look of new Set(input.shown.flatMap((one) => one.look ?? []))) {
        const { changed } = describeChanges(options.looks[look]!, options.preset, options.language);
        for (const { text } of changed) expect(words).toContain(text.replace(/\s/g, ''));
      }
    });
  });

  test('photos have an eighth of the room at least, however much there is to say, on every channel', () => {
    each(({ drawing, input }, { options }) => {
      const { width = 1, height = 1 } = input.shown[0] ?? {};
      if (typeof options.channel === 'object' || Math.max(width / height, height / width) > 2) return;
      const area = imagesOf(drawing).reduce((sum, { box }) => sum + box.width * box.height, 0);
      expect(area / (drawing.width * drawing.height)).toBeGreaterThan(0.125);
    });
  });

  test('the same photos, names and widths of text give the same picture', () => {
    fc.assert(
      fc.property(anySet, (set) => {
        expect(drawings(structuredClone({ ...set })).map(({ drawing }) => drawing)).toEqual(
          drawings(set).map(({ drawing }) => drawing),
        );
      }),
      { numRuns: 30 },
    );
  });
});
