/** The sample photos with stand-ins for results, and pictures that are compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import sharp from 'sharp';
import { viewOf } from '../../../server/src/domain/presets.ts';
import { fromRoot } from '../../../start/paths.ts';
import type { Look, SetPhoto } from '../../src/sets/index.ts';

const photoFile = (preset: string, name: string) => readFileSync(fromRoot('examples', 'photos', preset, name));

/** The photo with its lower part in a colour: what is before and what is after is told at a glance. */
async function painted(photo: Buffer, colour: string): Promise<Blob> {
  const image = await loadImage(photo);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  context.globalAlpha = 0.6;
  context.fillStyle = colour;
  context.fillRect(0, image.height * 0.45, image.width, image.height);
  return canvas.convertToBlob();
}

async function album(preset: string, names: Record<string, string>, colours: string[]): Promise<SetPhoto[]> {
  return Promise.all(
    Object.entries(names).map(async ([file, name]) => {
      const photo = photoFile(preset, file);
      const after = await Promise.all(colours.map((colour) => painted(photo, colour)));
      return { name, before: new Blob([photo]), after };
    }),
  );
}

const look = (concepts: Look['concepts'], protect?: string[]): Look => ({ concepts, protect });

export const interior = async () => ({
  preset: viewOf('interior'),
  looks: [
    look({ Wall: { action: 'recolor', value: 'terracotta' }, Floor: { action: 'texture', value: 'wood' } }),
    look({ Wall: { action: 'recolor', value: 'sage' }, Ceiling: { action: 'tone', value: 'brighter' } }),
    look({ Wall: { action: 'recolor', value: 'navy' }, Handle: { action: 'remove' } }),
  ],
  photos: await album(
    'interior',
    {
      'plant-and-wallpaper.jpg': '거실 창가 (2).jpg',
      'facade.jpg': 'IMG_20261128_facade_from_the_street_corner_final.jpg',
    },
    ['#C66B4A', '#A3B18A', '#26364F'],
  ),
});

export const seller = async () => ({
  preset: viewOf('seller'),
  looks: [
    look({ Body: { action: 'recolor', value: 'red' } }),
    look({ Body: { action: 'recolor', value: 'white' } }, ['Logo']),
    look({ Body: { action: 'recolor', value: '#3F7D58' }, Gloss: { action: 'tone', value: 'darker' } }, ['Logo']),
  ],
  photos: await album(
    'seller',
    {
      'apple.jpg': 'apple.jpg',
      'cameras.jpg': 'cameras.jpg',
      'coffee.jpg': 'coffee.jpg',
      'books.jpg': 'books.jpg',
      'fruit.jpg': 'fruit.jpg',
    },
    ['#C0392B', '#F7F7F5', '#3F7D58'],
  ),
});

/** Pixels a side that pictures are compared at. */
const SIDE = 360;
const BLOCK = 6;

const small = (picture: Uint8Array) => sharp(picture).resize(SIDE, SIDE, { fit: 'inside' }).removeAlpha();

export interface Difference {
  /** Of 255, over the whole picture. */
  mean: number;
  /** Of the block of 6 × 6 pixels that differs most. */
  most: number;
}

/** Keeps a picture under `name`. */
export const keep = async (name: string, picture: Uint8Array): Promise<void> =>
  writeFileSync(fileOf(name), await small(picture).webp({ quality: 88 }).toBuffer());

const fileOf = (name: string) => path.join(import.meta.dirname, 'pictures', `${name}.webp`);

/** How a picture differs from the one that is kept under `name`. */
export async function difference(name: string, picture: Uint8Array): Promise<Difference> {
  const [a, b] = await Promise.all(
    [small(picture), sharp(fileOf(name)).removeAlpha()].map((image) =>
      image.raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  const { width, height } = a!.info;
  if (b!.info.width !== width || b!.info.height !== height) return { mean: 255, most: 255 };
  let [sum, most] = [0, 0];
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < width; left += BLOCK) {
      let [block, count] = [0, 0];
      for (let y = top; y < Math.min(height, top + BLOCK); y++)
        for (let at = 3 * (y * width + left); at < 3 * (y * width + Math.min(width, left + BLOCK)); at++, count++)
          block += Math.abs(a!.data[at]! - b!.data[at]!);
      sum += block;
      most = Math.max(most, block / count);
    }
  }
  return { mean: sum / (3 * width * height), most };
}
