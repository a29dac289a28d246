/** HEIC photos as JPEG files, one after the other: each is tens of megabytes while it is decoded. */

/** Photos after which a worker is ended, and with it the memory that it has taken. */
const PER_WORKER = 5;

let worker: Worker | null = null;
let made = 0;
let last: Promise<unknown> = Promise.resolve();

/** Under the photo's own name with the ending of a JPEG. Rejects when it can't be decoded. */
export function jpegOf(file: Blob): Promise<File> {
  const one = last.then(() => make(file));
  last = one.catch(() => {});
  return one;
}

async function make(file: Blob): Promise<File> {
  worker ??= new Worker(new URL('./heic.worker.ts', import.meta.url), { type: 'module' });
  const using = worker;
  const jpeg = await new Promise<Blob | null>((resolve) => {
    using.onmessage = ({ data }: MessageEvent<Blob | null>) => resolve(data);
    using.onerror = () => resolve(null);
    using.postMessage(file);
  });
  if (++made % PER_WORKER === 0 || jpeg === null) {
    using.terminate();
    worker = null;
  }
  if (jpeg === null) throw new Error('it cannot be decoded');
  const { name = 'photo', lastModified = 0 } = file as Partial<File>;
  return new File([jpeg], `${name.replace(/\.\w+$/, '')}.jpg`, { type: 'image/jpeg', lastModified });
}
