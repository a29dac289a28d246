/** The sets of an album: each output template of its preset, drawn with the client package from the photos and their results. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TemplateId } from '@s3-workers/client-sdk/sets';
import { viewOf } from '../../server/src/domain/presets.ts';
import { nodeCanvas } from '../node-canvas.ts';
import type { Album } from './albums.ts';
import type { Outcome, Shown } from './outcome.ts';

/** Of one output template. */
export type WrittenSet = { album: Album; name: string; pictures: Shown[]; leftOut: string[] };

/** Photos of an album that sets are made of at most: a large folder would take minutes. */
const PHOTOS = 10;

/** Writes the pictures to `out/sets/ALBUM/TEMPLATE/`, and says what they are relative to `out`. */
export async function writeSets(out: string, album: Album, outcomes: readonly Outcome[]): Promise<WrittenSet[]> {
  // Loaded late: it may have been built only now.
  const { planSet, renderSet } = await import('@s3-workers/client-sdk/sets');
  const preset = viewOf(album.preset);
  const sets: WrittenSet[] = [];
  for (const { id, name } of preset.outputTemplates) {
    const set = {
      template: id as TemplateId,
      preset,
      looks: [album.rule],
      photos: outcomes.slice(0, PHOTOS).map((outcome) => photoOf(out, album, outcome)),
      language: 'en',
      ...nodeCanvas(),
    } as const;
    const { leftOut, pictures } = planSet(set);
    const written: WrittenSet = { album, name: name.en, pictures: [], leftOut: leftOut.map((photo) => photo.name) };
    if (pictures.length > 0) mkdirSync(path.join(out, 'sets', album.name, id), { recursive: true });
    for await (const picture of renderSet(set)) {
      const src = path.posix.join('sets', album.name, id, picture.name);
      writeFileSync(path.join(out, src), new Uint8Array(await picture.input.arrayBuffer()));
      written.pictures.push({ caption: picture.name, src, link: src });
    }
    sets.push(written);
  }
  return sets;
}

function photoOf(out: string, album: Album, { name, pictures }: Outcome) {
  const file = album.photos.find((photo) => photo.name === name)?.file;
  const result = pictures.find(({ caption }) => caption === 'After')?.link;
  return {
    name,
    before: file === undefined ? null : () => new Blob([readFileSync(file)]),
    after: [result === undefined ? null : () => new Blob([readFileSync(path.join(out, result))])],
  };
}
