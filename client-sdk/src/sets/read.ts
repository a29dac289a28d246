/** The photos of one picture, from where they lie to what can be drawn. */
import { throwIfAborted } from '../abort.ts';
import { local } from '../errors.ts';
import { fetchFile } from '../results/fetch-file.ts';
import type { Shown } from './layout/drawing.ts';
import type { DecodedPicture, PictureSource, SetOptions } from './types.ts';

/** All of `shown`: what has to be fetched at once, then one after the other decoded, which is what takes memory. */
export async function readPictures(
  options: SetOptions,
  shown: readonly Shown[],
  longest: number,
  done: (shown: Shown, picture: DecodedPicture) => void,
  failed: (photo: number, error: unknown) => void,
): Promise<void> {
  const fetched = shown.map((one) => dataOf(options, one));
  // Each is waited for below, the later ones perhaps after they have failed.
  for (const data of fetched) data.catch(() => {});
  for (const [at, one] of shown.entries()) {
    try {
      done(one, await decoded(options, one, await (fetched[at] as Promise<Blob>), longest));
    } catch (error) {
      throwIfAborted(options.signal);
      failed(one.photo, error);
    }
  }
}

async function dataOf(options: SetOptions, { photo, look }: Shown): Promise<Blob> {
  throwIfAborted(options.signal);
  const { name, before, after } = options.photos[photo] as SetOptions['photos'][number];
  const given = (look === null ? before : after[look]) as PictureSource;
  const source = typeof given === 'function' ? await given() : given;
  if (typeof source !== 'string') return source;
  return (await fetchFile(source, { index: photo, name }, options)).blob();
}

async function decoded(
  { photos, signal, decode = bitmapOf }: SetOptions,
  { photo }: Shown,
  data: Blob,
  longest: number,
): Promise<DecodedPicture> {
  throwIfAborted(signal);
  try {
    return await decode(data, longest);
  } catch (cause) {
    const name = photos[photo]?.name ?? '';
    const message = 'cannot be read as a picture';
    const files = [{ index: photo, name, reason: 'unreadable' as const, message }];
    throw local('INVALID_FILE', `${name} ${message}`, { files }, cause);
  }
}

/** No larger than it is drawn: a photo of 12 megapixels takes 48 MB, of which most pictures need a few. */
async function bitmapOf(data: Blob, longest: number): Promise<DecodedPicture> {
  const whole = await createImageBitmap(data);
  const { width, height } = whole;
  const scale = longest / Math.max(width, height);
  if (scale >= 1) return whole;
  const size = {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
  };
  try {
    return await createImageBitmap(whole, { ...size, resizeQuality: 'high' });
  } finally {
    whole.close();
  }
}
