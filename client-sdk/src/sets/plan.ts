/** Which pictures a set has, of which photos, by which names: known before a photo is read. */
import { fileNames } from '../results/file-names.ts';
import type { Shown } from './layout/drawing.ts';
import { CHANNELS, LEAST, LONGER, LONGEST, TEMPLATES } from './templates.ts';
import type { Channel, LeftOutPhoto, PlannedPicture, SetPhoto, SetPlan, SetPlanOptions } from './types.ts';

/** A picture with what is on it. */
export interface Planned extends PlannedPicture {
  shown: Shown[];
  view: number;
}
export interface Plan extends SetPlan {
  pictures: Planned[];
  /** Null: as large as the photos are. */
  size: Channel | null;
}

/**
 * What `renderSet` will make, without a photo read: names in the order of the album, and who is left out.
 *
 * @throws TypeError for a template, a channel or a size that is none: 200 to 4096 whole pixels a side, one three times the
 * other at most
 */
export const planSet: (options: SetPlanOptions) => SetPlan = planned;

export function planned(options: SetPlanOptions): Plan {
  const { template, photos, format } = options;
  const kind = TEMPLATES[template];
  if (kind === undefined) throw new TypeError(`no template: ${template}`);
  const disclose = options.disclose ?? kind.disclose;
  const leftOut: LeftOutPhoto[] = [];
  const taken: Shown[][] = [];
  for (const [index, photo] of photos.entries()) {
    const looks = photo.after
      .slice(0, Math.min(kind.looks, options.looks.length))
      .flatMap((source, look) => (source === null ? [] : [{ photo: index, look }]));
    const beside = disclose || kind.original;
    if (looks.length === 0) leftOut.push({ index, name: photo.name, reason: 'failed' });
    else if (beside && photo.before === null) leftOut.push({ index, name: photo.name, reason: 'no-original' });
    else taken.push(beside ? [{ photo: index, look: null }, ...looks] : looks);
  }
  const pictures = kind.photos === 1 ? ofPhotos(taken, kind.least, photos) : ofPages(taken, kind.photos, template);
  const names = fileNames(
    pictures.map(({ name }) => name),
    format ?? 'jpeg',
  );
  return {
    template,
    disclose,
    leftOut,
    size: sizeOf(options),
    pictures: pictures.map((picture, at) => ({ ...picture, name: names[at] as string })),
  };
}

/** One picture of each photo; of few photos several, until there are enough. */
function ofPhotos(taken: readonly Shown[][], least: number, photos: readonly SetPhoto[]): Planned[] {
  const count = taken.length === 0 ? 0 : Math.max(taken.length, least);
  return Array.from({ length: count }, (_, at) => {
    const shown = taken[at % taken.length] as Shown[];
    const { photo } = shown[0] as Shown;
    return { name: (photos[photo] as SetPhoto).name, photos: [photo], shown, view: Math.floor(at / taken.length) };
  });
}

/** Pages of several photos, as evenly filled as can be. */
function ofPages(taken: readonly Shown[][], most: number, name: string): Planned[] {
  const count = Math.ceil(taken.length / most);
  const each = Math.ceil(taken.length / Math.max(1, count));
  return Array.from({ length: count }, (_, at) => {
    const shown = taken.slice(at * each, (at + 1) * each).flat();
    const number = count === 1 ? '' : `-${String(at + 1).padStart(2, '0')}`;
    return { name: name + number, photos: [...new Set(shown.map(({ photo }) => photo))], shown, view: 0 };
  });
}

function sizeOf({ template, channel = TEMPLATES[template].channel }: SetPlanOptions): Channel | null {
  const size = typeof channel === 'string' ? CHANNELS[channel] : channel;
  if (size === undefined || (size && !isSize(size))) throw new TypeError(`no channel: ${JSON.stringify(channel)}`);
  return size;
}

const isSize = ({ width, height }: Channel): boolean =>
  [width, height].every((side) => Number.isInteger(side) && side >= LEAST && side <= LONGEST) &&
  Math.max(width, height) <= LONGER * Math.min(width, height);
