/** Photos that are made to break who decodes them. Only the GPU worker ever does: the API looks at no byte of them. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { decode } from '../../../examples/gpu-worker/src/photo/decode.ts';
import { PHOTO } from '../../world/bundle/jobs.ts';
import { answers, must } from '../attack.ts';
import { presigning } from './presigning.ts';

/** Whether the reference GPU worker refuses the bytes before it decodes them. */
function badPhoto(name: string, bytes: () => Uint8Array | Promise<Uint8Array>, why: RegExp): void {
  presigning.attack(name, answers([]), async () => {
    const photo = await bytes();
    const refusal = await decode(photo).then(
      () => 'it was decoded',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );
    must(refusal.startsWith('BadPhoto') && why.test(refusal), `the GPU worker says: ${refusal}`);
    return [];
  });
}
badPhoto(
  'a photo that is SVG, HTML, GIF, PDF or TIFF',
  () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  /not a JPEG, PNG or WEBP/,
);
badPhoto('a photo that begins as a JPEG and is none', () => Buffer.concat([PHOTO, Buffer.from('<script>')]), /damaged/);
badPhoto('a decompression bomb of 81 megapixels', () => bomb(9000), /megapixels/);
badPhoto('a decompression bomb of 900 megapixels', () => declared(30_000), /megapixels/);

/** Black PNG of `side` × `side` pixels: a few hundred kilobytes. */
const bomb = (side: number): Promise<Uint8Array> =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#000' }, limitInputPixels: false })
    .png({ compressionLevel: 9 })
    .toBuffer();

/** A small PNG whose header claims to be `side` × `side`. */
async function declared(side: number): Promise<Uint8Array> {
  const png = Buffer.from(await bomb(64));
  png.writeUInt32BE(side, 16);
  png.writeUInt32BE(side, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}
