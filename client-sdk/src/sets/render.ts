/** A set, picture by picture: no more than the photos of one picture are in memory at a time. */
import { throwIfAborted } from '../abort.ts';
import { draw, measureOn } from './draw.ts';
import type { Shown } from './layout/drawing.ts';
import { layout } from './layout/index.ts';
import type { SizedPhoto } from './layout/page.ts';
import { type Plan, type Planned, planned } from './plan.ts';
import { readPictures } from './read.ts';
import { LONGEST } from './templates.ts';
import type { Canvas2D, DecodedPicture, LeftOutPhoto, SetCanvas, SetOptions, SetPhoto, SetPicture } from './types.ts';

/** Of JPEG. */
const QUALITY = 0.9;
/** How much larger than the picture a photo is drawn at most, of which a part is seen. */
const CLOSEST = 2.4;

/**
 * The pictures of a set, each made when it is asked for, in the order of the album:
 * `for await (const { name, input } of renderSet(…)) await write(name, input)`.
 *
 * @throws S3Error INVALID_FILE for a photo that is none, NETWORK_ERROR for one that cannot be fetched (both name it; with `onLeftOut` it is
 * left out instead); ABORTED. TypeError for a template or channel that is none.
 */
export async function* renderSet(options: SetOptions): AsyncGenerator<SetPicture, void, undefined> {
  const plan = planned(options);
  const gone = new Set<number>();
  const left = (photo: LeftOutPhoto) => {
    if (!gone.has(photo.index)) options.onLeftOut?.(photo);
    gone.add(photo.index);
  };
  const stays = ({ photo }: Shown) => !gone.has(photo);
  plan.leftOut.forEach(left);
  for (const picture of plan.pictures) {
    throwIfAborted(options.signal);
    const read = new Map<Shown, DecodedPicture>();
    let drawn: SetPicture | null = null;
    try {
      const { size } = plan;
      const longest = size ? Math.round(Math.max(size.width, size.height) * CLOSEST) : LONGEST;
      await readPictures(options, picture.shown.filter(stays), longest, read, left);
      const shown = picture.shown.filter(stays);
      if (shown.length > 0) drawn = await render(options, plan, { ...picture, shown }, read);
    } finally {
      for (const image of read.values()) image.close?.();
    }
    if (drawn) yield drawn;
  }
}

async function render(
  options: SetOptions,
  plan: Plan,
  { name, shown, view }: Planned,
  read: ReadonlyMap<Shown, DecodedPicture>,
): Promise<SetPicture> {
  const sized = shown.map((one): SizedPhoto => {
    const { width, height } = read.get(one) as DecodedPicture;
    return { ...one, width, height };
  });
  const photos = [...new Set(shown.map(({ photo }) => photo))];
  const title = (options.photos[photos[0] as number] as SetPhoto).name;
  const measure = measureOn(canvasOf(options, 1, 1)[1], options.fontFamily);
  const drawing = layout({ ...options, ...plan, shown: sized, view, title, measure });
  const { width, height } = drawing;
  const [canvas, context] = canvasOf(options, width, height);
  const imageOf = ({ photo, look }: Shown) => {
    const key = shown.find((one) => one.photo === photo && one.look === look);
    return read.get(key as Shown) as DecodedPicture;
  };
  draw(context, drawing, imageOf, options.fontFamily);
  const input = await canvas.convertToBlob({ type: `image/${options.format ?? 'jpeg'}`, quality: QUALITY });
  return { name, width, height, input, photos };
}

function canvasOf({ canvas: given }: SetOptions, width: number, height: number): [SetCanvas, Canvas2D] {
  const canvas = given ? given(width, height) : new OffscreenCanvas(width, height);
  return [canvas, canvas.getContext('2d') as Canvas2D];
}
