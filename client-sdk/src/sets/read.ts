/** The photos of one picture, from where they lie to what can be drawn. */
import { throwIfAborted } from '../abort.ts';
import { local } from '../errors.ts';
import { fetchFile } from '../results/fetch-file.ts';
import type { Shown } from './layout/drawing.ts';
import type { DecodedPicture, LeftOutPhoto, SetOptions, SetPhoto } from './types.ts';

/** What is to be fetched is, at once; then one after the other is decoded into `read`, which is what takes memory. */
export async function readPictures(
  options: SetOptions,
  shown: readonly Shown[],
  longest: number,
  read: Map<Shown, DecodedPicture>,
  left: (photo: LeftOutPhoto) => void,
): Promise<void> {
  const fetched = shown.map((one) => dataOf(options, one));
  for (const [at, one] of shown.entries()) {
    // The others are waited for later, perhaps after they have failed.
    for (const data of fetched) data.catch(() => {});
    try {
      read.set(one, await decoded(options, one, await (fetched[at] as Promise<Blob>), longest));
    } catch (error) {
      throwIfAborted(options.signal);
      if (!options.onLeftOut) throw error;
      left({ ...fileOf(options, one), reason: 'unreadable', error });
    }
  }
}

const fileOf = ({ photos }: SetOptions, { photo }: Shown): { index: number; name: string } => ({
  index: photo,
  name: (photos[photo] as SetPhoto).name,
});

async function dataOf(options: SetOptions, one: Shown): Promise<Blob> {
  const { before, after } = options.photos[one.photo] as SetPhoto;
  const given = one.look === null ? before : after[one.look];
  const source = typeof given === 'function' ? await given() : given;
  return typeof source === 'string'
    ? (await fetchFile(source, fileOf(options, one), options)).blob()
    : (source as Blob);
}

async function decoded(options: SetOptions, one: Shown, data: Blob, longest: number): Promise<DecodedPicture> {
  const { signal, decode = bitmapOf } = options;
  throwIfAborted(signal);
  try {
    return await decode(data, longest);
  } catch (cause) {
    const file = { ...fileOf(options, one), reason: 'unreadable' as const, message: 'is no picture' };
    throw local('INVALID_FILE', `${file.name} ${file.message}`, { files: [file] }, cause);
  }
}

/** No larger than it is drawn: a photo of 12 megapixels takes 48 MB, of which most pictures need a few. */
async function bitmapOf(data: Blob, longest: number): Promise<DecodedPicture> {
  const whole = await createImageBitmap(data);
  const scale = longest / Math.max(whole.width, whole.height);
  if (scale >= 1) return whole;
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  const smaller = { resizeWidth: side(whole.width), resizeHeight: side(whole.height), resizeQuality: 'high' as const };
  const picture = await createImageBitmap(whole, smaller);
  whole.close();
  return picture;
}
