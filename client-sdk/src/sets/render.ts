/** A set, picture by picture: no more than the photos of one picture are in memory at a time. */
import { throwIfAborted } from '../abort.ts';
import { local } from '../errors.ts';
import { draw, measureOn } from './draw.ts';
import type { Shown } from './layout/drawing.ts';
import { layout } from './layout/index.ts';
import type { SizedPhoto } from './layout/page.ts';
import { type Plan, type Planned, planned } from './plan.ts';
import { readPictures } from './read.ts';
import { LONGEST } from './templates.ts';
import type { Canvas2D, DecodedPicture, SetCanvas, SetOptions, SetPicture } from './types.ts';

/** Of JPEG. */
const QUALITY = 0.9;
/** How much larger than the picture a photo is drawn at most, of which a part is seen. */
const CLOSEST = 2.4;

const keyOf = ({ photo, look }: Shown): string => `${photo} ${look}`;

/**
 * The pictures of a set, each made when it is asked for, in the order of the album:
 * `for await (const { name, input } of renderSet(…)) await write(name, input)`.
 *
 * @throws S3Error INVALID_FILE for a photo that is none, or if there is nothing to show; NETWORK_ERROR for one that cannot be fetched (both
 * name it, and neither comes for a photo with `onLeftOut`); ABORTED. TypeError for a template, channel or canvas that is none.
 */
export async function* renderSet(options: SetOptions): AsyncGenerator<SetPicture, void, undefined> {
  const plan = planned(options);
  const gone = new Map<number, unknown>();
  for (const photo of plan.leftOut) options.onLeftOut?.(photo);
  let made = 0;
  for (const picture of plan.pictures) {
    const drawn = await pictureOf(options, plan, picture, gone);
    if (drawn === null) continue;
    made += 1;
    yield drawn;
  }
  if (made === 0) throw local('INVALID_FILE', 'No photo of this set can be shown', { files: [] });
}

/** Null when all of its photos are left out. */
async function pictureOf(
  options: SetOptions,
  plan: Plan,
  picture: Planned,
  gone: Map<number, unknown>,
): Promise<SetPicture | null> {
  throwIfAborted(options.signal);
  const read = new Map<string, DecodedPicture>();
  const leave = (index: number, error: unknown) => {
    if (options.onLeftOut === undefined) throw error;
    const name = options.photos[index]?.name ?? '';
    if (!gone.has(index)) options.onLeftOut({ index, name, reason: 'unreadable', error });
    gone.set(index, error);
  };
  const { size } = plan;
  const longest = size ? Math.round(Math.max(size.width, size.height) * CLOSEST) : LONGEST;
  const stays = () => picture.shown.filter(({ photo }) => !gone.has(photo));
  try {
    await readPictures(options, stays(), longest, (one, image) => read.set(keyOf(one), image), leave);
    throwIfAborted(options.signal);
    const shown = stays();
    return shown.length === 0 ? null : await render(options, plan, { ...picture, shown }, read);
  } finally {
    for (const image of read.values()) image.close?.();
  }
}

async function render(
  options: SetOptions,
  { size, template, disclose }: Plan,
  { name, photos, shown, view }: Planned,
  read: ReadonlyMap<string, DecodedPicture>,
): Promise<SetPicture> {
  const { preset, looks, language, format = 'jpeg', fontFamily } = options;
  const imageOf = (one: Shown) => read.get(keyOf(one)) as DecodedPicture;
  const sized = shown.map((one): SizedPhoto => {
    const { width, height } = imageOf(one);
    return { ...one, width, height };
  });
  const title = options.photos[photos[0] as number]?.name ?? '';
  const measure = measureOn(canvasOf(options, 1, 1)[1], fontFamily);
  const drawing = layout({ template, size, shown: sized, view, title, preset, looks, language, disclose, measure });
  const [canvas, context] = canvasOf(options, drawing.width, drawing.height);
  draw(context, drawing, imageOf, fontFamily);
  const input = await canvas.convertToBlob({ type: `image/${format}`, quality: QUALITY });
  const { width, height } = drawing;
  return { name, width, height, input, photos: [...new Set(shown.map(({ photo }) => photo))] };
}

function canvasOf({ canvas: given }: SetOptions, width: number, height: number): [SetCanvas, Canvas2D] {
  const canvas = given ? given(width, height) : new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new TypeError('The canvas has no 2D context');
  return [canvas, context];
}
