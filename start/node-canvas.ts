/** A canvas for Node, as `renderSet` takes it, with a font that has Korean: a bare machine has none. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createCanvas, GlobalFonts, ImageData } from '@napi-rs/canvas';
import sharp from 'sharp';
import { fromRoot } from './paths.ts';

const FONT = fromRoot('node_modules', '@fontsource-variable', 'noto-sans-kr', 'files');

/** Options of `renderSet`. Each file of the font has some of its letters, under a name of its own: a letter is looked for in all of them. */
export function nodeCanvas() {
  const files = readdirSync(FONT).filter((name) => name.endsWith('.woff2'));
  const names = files.map((name) => {
    const family = name.replace('-wght-normal.woff2', '');
    if (!GlobalFonts.has(family)) GlobalFonts.register(readFileSync(path.join(FONT, name)), family);
    return `"${family}"`;
  });
  return {
    canvas: (width: number, height: number) => createCanvas(width, height),
    decode,
    // Those with names (latin, cyrillic, …) first: the numbered ones have what is left.
    fontFamily: names.toReversed().join(', '),
  };
}

/** Upright and no larger than it is needed, as browsers decode; the canvas itself knows nothing of EXIF. */
async function decode(data: Blob, longest: number) {
  const size = { width: longest, height: longest, fit: 'inside', withoutEnlargement: true } as const;
  const upright = sharp(await data.arrayBuffer())
    .autoOrient()
    .resize(size)
    .toColourspace('srgb')
    .ensureAlpha();
  const { data: samples, info } = await upright.raw().toBuffer({ resolveWithObject: true });
  const canvas = createCanvas(info.width, info.height);
  const pixels = new ImageData(new Uint8ClampedArray(samples), info.width, info.height);
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  return canvas;
}
