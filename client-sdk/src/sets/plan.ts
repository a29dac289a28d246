/** Which pictures a set has, of which photos, by which names: known before a photo is read. */
import { fileNames } from '../results/file-names.ts';
import type { Shown } from './layout/drawing.ts';
import { CHANNELS, LONGEST, TEMPLATES } from './templates.ts';
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

/** Pixels a side, at least: less is no room for words. */
const LEAST = 200;

/**
 * What `renderSet` will make, without a photo read: names in the order of the album, and who is left out.
 *
 * @throws TypeError for a template or a channel that is none
 */
export const planSet = (options: SetPlanOptions): SetPlan => {
  const { template, disclose, pictures, leftOut } = planned(options);
  return { template, disclose, pictures: pictures.map(({ name, photos }) => ({ name, photos })), leftOut };
};

export function planned(options: SetPlanOptions): Plan {
  const { template, photos, format } = options;
  const kind = TEMPLATES[template];
  if (kind === undefined) throw new TypeError(`${template} is no template: ${Object.keys(TEMPLATES).join(', ')}`);
  const disclose = options.disclose ?? kind.disclose;
  const leftOut: LeftOutPhoto[] = [];
  const taken: Shown[][] = [];
  for (const [index, photo] of photos.entries()) {
    const looks = photo.after
      .slice(0, kind.looks)
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
    return { name: photos[photo]?.name ?? '', photos: [photo], shown, view: Math.floor(at / taken.length) };
  });
}

/** Pages of several photos, as evenly filled as can be. */
function ofPages(taken: readonly Shown[][], most: number, name: string): Planned[] {
  const count = Math.ceil(taken.length / most);
  const each = Math.ceil(taken.length / Math.max(1, count));
  return Array.from({ length: count }, (_, at) => {
    const shown = taken.slice(at * each, (at + 1) * each).flat();
    const number = count === 1 ? '' : `-${String(at + 1).padStart(String(count).length, '0')}`;
    return { name: name + number, photos: [...new Set(shown.map(({ photo }) => photo))], shown, view: 0 };
  });
}

function sizeOf({ template, channel = TEMPLATES[template].channel }: SetPlanOptions): Channel | null {
  const size = typeof channel === 'string' ? CHANNELS[channel] : channel;
  if (size === undefined) throw new TypeError(`${channel} is no channel: ${Object.keys(CHANNELS).join(', ')}`);
  if (size !== null && !(size.width >= LEAST && size.height >= LEAST && Math.max(size.width, size.height) <= LONGEST))
    throw new TypeError(`a picture has ${LEAST} to ${LONGEST} pixels a side, not ${size.width} × ${size.height}`);
  return size && { ...size, width: Math.round(size.width), height: Math.round(size.height) };
}
