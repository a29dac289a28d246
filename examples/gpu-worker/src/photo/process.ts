// One photo from bytes to bytes: decode, find the concepts, paint, encode. No network: the same input gives the same output.

import sharp from 'sharp';
import type { OutputType, Rule } from '../message.ts';
import { paint } from '../paint/paint.ts';
import { findLayers, type Layer } from '../segment/layers.ts';
import { buildScene } from '../segment/scene.ts';
import { decode, type Photo } from './decode.ts';
import { checkFits, encodePreview, encodeResult } from './encode.ts';

export const SEGMENTER = 'classical-1';

export interface PhotoTask {
  readonly idx: number;
  readonly bytes: Uint8Array;
  readonly preset: string;
  readonly concepts: Readonly<Record<string, Rule>>;
  readonly protect: readonly string[];
  readonly outputType: OutputType;
  /** concepts whose mask is wanted; all of them when left out */
  readonly masksOf?: readonly string[];
}

export interface PhotoResult {
  /** PNG by concept that is wanted, all black where nothing was found */
  readonly masks: Readonly<Record<string, Uint8Array>>;
  /** instances.json */
  readonly instances: string;
  /** null when none of the targets is in the photo; then `error` says so */
  readonly painted: { readonly result: Uint8Array; readonly preview: Uint8Array } | null;
  readonly error: string | null;
}

const maskPng = ({ mask }: Layer, { width, height }: Photo): Promise<Buffer> =>
  sharp(mask, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 6 })
    .toBuffer();

function describe(photo: Photo, layers: readonly Layer[]): string {
  const concepts = layers.map(({ concept, role, found, coverage, instances, reason }) => ({
    concept,
    role,
    found,
    coverage: Math.round(coverage * 1e5) / 1e5,
    instances,
    ...(reason === undefined ? {} : { reason }),
  }));
  return JSON.stringify({ width: photo.width, height: photo.height, segmenter: SEGMENTER, concepts });
}

export async function processPhoto(task: PhotoTask): Promise<PhotoResult> {
  const photo = await decode(task.bytes);
  checkFits(photo, task.outputType);
  const scene = buildScene(photo.small.rgb, photo.small.width, photo.small.height);
  const { width, height } = photo;
  const targets = Object.keys(task.concepts);
  const withRim = targets.filter((concept) => task.concepts[concept]!.action === 'remove');
  const layers = findLayers({ scene, width, height }, task.preset, { targets, protects: task.protect, withRim });
  const filed = async (shown: readonly Layer[]) => {
    const masks: Record<string, Uint8Array> = {};
    const wanted = shown.filter(({ concept }) => task.masksOf?.includes(concept) ?? true);
    for (const layer of wanted) masks[layer.concept] = await maskPng(layer, photo);
    return { masks, instances: describe(photo, shown) };
  };
  if (!layers.some(({ role, found }) => role === 'target' && found)) {
    const error = `not found in this photo: ${targets.join(', ')}`;
    return { ...(await filed(layers)), painted: null, error };
  }
  const painted = paint(photo, layers, task.concepts, task.idx);
  const pixels = { ...photo, rgb: painted.rgb };
  const [result, preview] = [await encodeResult(pixels, task.outputType), await encodePreview(pixels)];
  return { ...(await filed(painted.layers)), painted: { result, preview }, error: null };
}
