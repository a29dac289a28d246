// A PNG from chunk to chunk: its size, whether all of it is there, and what it says of its colours (PNG Specification, third edition).

import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { type Chromaticities, matrixProfile, SRGB_PRIMARIES } from './icc.ts';

export interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
  /** whether its checksum is right */
  readonly sound: boolean;
}

export interface Png {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha */
  readonly colour: number;
  readonly chunks: readonly PngChunk[];
  /** whether IEND was reached */
  readonly ended: boolean;
}

const HEAD = 8;
/** Comments and the like: damage there harms no pixel. */
const HARMLESS = /^(tEXt|zTXt|iTXt|tIME|pHYs|bKGD|hIST|sPLT)$/;

function* chunksOf(bytes: Buffer): Generator<PngChunk | null> {
  for (let at = HEAD; ; ) {
    if (at + 8 > bytes.length) return yield null;
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length) return yield null;
    const sum = bytes.readUInt32BE(end - 4);
    const type = bytes.toString('latin1', at + 4, at + 8);
    yield { type, data: bytes.subarray(at + 8, end - 4), sound: crc32(bytes.subarray(at + 4, end - 4)) === sum };
    if (type === 'IEND') return;
    at = end;
  }
}

/** Null when it does not begin as a PNG does. */
export function readPng(bytes: Uint8Array): Png | null {
  const found = [...chunksOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))];
  const chunks = found.filter((chunk) => chunk !== null);
  const head = chunks[0]?.type === 'IHDR' && chunks[0].data.length === 13 ? chunks[0].data : null;
  if (!head) return null;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  if (width === 0 || height === 0) return null;
  return { width, height, depth: head[8]!, colour: head[9]!, chunks, ended: !found.includes(null) };
}

/** Pictures that it shows one after the other; 1 for a still. */
export const pngFrames = ({ chunks }: Png): number => {
  const control = chunks.find(({ type }) => type === 'acTL')?.data;
  return control && control.length >= 8 ? control.readUInt32BE(0) : 1;
};

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of the pixels before they are packed: a filter byte and the samples of each row; interlaced ones have a few more. */
const leastBytes = ({ width, height, depth, colour }: Png): number =>
  height * (1 + Math.ceil((width * depth * (CHANNELS[colour] ?? 1)) / 8));

/** What is wrong with the file; null when every pixel is there. */
export function pngDamage(png: Png): string | null {
  const broken = png.chunks.find(({ type, sound }) => !sound && !HARMLESS.test(type));
  if (broken) return `the checksum of ${broken.type} is wrong`;
  if (png.ended) return null;
  try {
    const packed = png.chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
    return inflateSync(Buffer.concat(packed), { maxOutputLength: 2 * leastBytes(png) + 1024 }).length < leastBytes(png)
      ? 'rows are missing'
      : null;
  } catch {
    return 'the data end early';
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

const behindHead = (bytes: Uint8Array, added: Buffer): Uint8Array =>
  Buffer.concat([bytes.subarray(0, HEAD + 25), added, bytes.subarray(HEAD + 25)]);

const profileChunk = (icc: Uint8Array): Buffer =>
  chunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(icc)]));

/** A PNG that has no profile, with one. */
export const withIcc = (bytes: Uint8Array, icc: Uint8Array): Uint8Array => behindHead(bytes, profileChunk(icc));

/** A PNG of our own with the word that it is sRGB (rendering intent 0): 13 bytes where a profile has thousands. */
export const withSrgb = (bytes: Uint8Array): Uint8Array => behindHead(bytes, chunk('sRGB', Uint8Array.of(0)));

/** With XMP, as its specification has it: an iTXt chunk, as it is. libvips writes zTXt, which few readers look into. */
export const withXmp = (bytes: Uint8Array, xmp: string): Uint8Array =>
  behindHead(bytes, chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)));

/** Colours that are stated by number: cHRM and gAMA; null when there are none, or when a stronger statement is there. */
function statedColours(png: Png): { primaries: Chromaticities; gamma: number } | null {
  const data = (name: string) => png.chunks.find(({ type }) => type === name)?.data;
  const gamma = data('gAMA');
  if (data('iCCP') || data('sRGB') || data('cICP') || gamma?.length !== 4) return null;
  const value = gamma.readUInt32BE(0) / 100_000;
  const corners = data('cHRM');
  const at = (i: number): [number, number] => [
    corners!.readUInt32BE(8 * i) / 100_000,
    corners!.readUInt32BE(8 * i + 4) / 100_000,
  ];
  const primaries = corners?.length === 32 ? { white: at(0), red: at(1), green: at(2), blue: at(3) } : SRGB_PRIMARIES;
  return value > 0.05 && value < 5 ? { primaries, gamma: 1 / value } : null;
}

/**
 * The same PNG with its colours told by a profile, where they are told by gAMA and cHRM: decoders know profiles and pass over numbers.
 * Null when nothing is to be changed.
 */
export function withProfile(bytes: Uint8Array, png: Png): Uint8Array | null {
  const colours = statedColours(png);
  const profile = colours && matrixProfile(colours.primaries, colours.gamma, png.colour === 0 || png.colour === 4);
  if (!profile) return null;
  const kept = png.chunks.filter(({ type }) => type !== 'gAMA' && type !== 'cHRM');
  const [head, ...rest] = kept.map(({ type, data }) => chunk(type, data));
  return Buffer.concat([bytes.subarray(0, HEAD), head!, profileChunk(profile), ...rest]);
}
