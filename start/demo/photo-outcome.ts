/** Takes the result, the preview and the masks of one photo, measures it and makes its pictures. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ResultFormat, RunItem } from '@s3-workers/client-sdk';
import type { Album, Photo } from './albums.ts';
import type { ReadObject } from './bucket.ts';
import { type Loss, type Mask, measure, readMask, readPhoto, readPicture } from './measure.ts';
import { type Outcome, problemsOf } from './outcome.ts';
import { writeBefore, writePictures } from './pictures.ts';
import { reasonOf } from './run-job.ts';

/** JPEG and WebP keep colours for blocks of pixels: what is painted is seen a little beyond its edge. */
const LOSS: Record<ResultFormat, Loss> = {
  png: { tolerance: 0, reach: 0 },
  jpeg: { tolerance: 32, reach: 4 },
  webp: { tolerance: 40, reach: 4 },
};
/** What files of each format are called. */
const EXTENSIONS: Record<ResultFormat, string> = { png: 'png', jpeg: 'jpg', webp: 'webp' };

export type Where = {
  out: string;
  format: ResultFormat;
  album: Album;
  photo: Photo;
  expectedToFail: boolean;
};

const judged = (outcome: Omit<Outcome, 'problems'>): Outcome => ({ ...outcome, problems: problemsOf(outcome) });

export function refusedPhoto(where: Where, reason: string): Outcome {
  return judged({ ...blank(where), state: 'refused', reason });
}

export async function settledPhoto(
  where: Where,
  item: RunItem,
  ids: { userId: string; jobId: string },
  readObject: ReadObject,
): Promise<Outcome> {
  const original = readFileSync(where.photo.file);
  if (item.status !== 'done') {
    return judged({
      ...blank(where),
      state: 'failed',
      reason: reasonOf(item),
      pictures: await picturesOfFailed(where, original),
    });
  }
  try {
    return judged(await measured(where, item, ids, readObject, original));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...blank(where), state: 'done', reason, problems: [reason] };
  }
}

async function measured(
  where: Where,
  item: RunItem,
  ids: { userId: string; jobId: string },
  readObject: ReadObject,
  original: Buffer,
): Promise<Omit<Outcome, 'problems'>> {
  const { stem } = where.photo;
  const result = await download(item.resultUrl, 'result');
  const resultPath = save(where, 'results', `${stem}.${EXTENSIONS[where.format]}`, result);
  save(where, 'previews', `${stem}.jpg`, await download(item.previewUrl, 'preview'));

  const before = await readPhoto(original);
  const after = await readPicture(result);
  const prefix = `masks/${ids.userId}/${ids.jobId}/${item.idx}_`;
  const instances = await readObject(`${prefix}instances.json`);
  if (!instances) throw new Error('the GPU worker left no instances.json');
  save(where, 'masks', path.join(stem, 'instances.json'), instances);

  const { rule } = where.album;
  const found: Mask[] = [];
  const notFound: Outcome['notFound'] = [];
  for (const concept of new Set([...Object.keys(rule.concepts), ...rule.protect])) {
    const png = await readObject(`${prefix}${concept}.png`);
    const mask = png && (await readMask(concept, png, before));
    if (png) save(where, 'masks', path.join(stem, `${concept}.png`), png);
    if (mask?.inside.some((value) => value !== 0)) found.push(mask);
    else notFound.push({ concept, reason: reasonIn(instances, concept) });
  }
  const protects = found.filter((mask) => rule.protect.includes(mask.concept));
  const targets = found.filter((mask) => mask.concept in rule.concepts);
  const to = { folder: where.out, album: where.album.name, stem };
  return {
    ...blank(where),
    state: 'done',
    notFound,
    figures: measure(before, after, targets, protects, LOSS[where.format]),
    pictures: await writePictures(to, resultPath, { before, after, targets, protects }),
  };
}

/** What instances.json says of a concept that was not found. Only the reference worker's form is known here. */
function reasonIn(instances: Buffer, concept: string): string | null {
  try {
    const { concepts }: { concepts?: { concept?: unknown; reason?: unknown }[] } = JSON.parse(instances.toString());
    const reason = concepts?.find((entry) => entry.concept === concept)?.reason;
    return typeof reason === 'string' ? reason : null;
  } catch {
    return null;
  }
}

const blank = ({ album, photo, expectedToFail }: Where) => ({
  album,
  name: photo.name,
  expectedToFail,
  reason: null,
  notFound: [],
  figures: null,
  pictures: [],
});

async function download(url: string | undefined, what: string): Promise<Buffer> {
  if (!url) throw new Error(`no URL for the ${what}`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`downloading the ${what} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Writes into `out/kind/album/` and returns the path relative to `out`. */
function save({ out, album }: Where, kind: string, name: string, data: Buffer): string {
  const file = path.join(out, kind, album.name, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, data);
  return path.posix.join(kind, album.name, name);
}

/** A damaged file may still show something. */
async function picturesOfFailed(where: Where, original: Buffer) {
  try {
    const before = await readPicture(original);
    return await writeBefore({ folder: where.out, album: where.album.name, stem: where.photo.stem }, before);
  } catch {
    return [];
  }
}
