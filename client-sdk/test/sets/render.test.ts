/** How a set is read and drawn: one picture at a time, and what becomes of photos that cannot be read. */
import { afterEach, expect, test, vi } from 'vitest';
import { viewOf } from '../../../server/src/domain/presets.ts';
import { nodeCanvas } from '../../../start/node-canvas.ts';
import { isS3Error } from '../../src/index.ts';
import { type LeftOutPhoto, renderSet, type SetOptions, type SetPhoto } from '../../src/sets/index.ts';

const canvas = nodeCanvas();
const PIXEL = await canvas.canvas(8, 6).convertToBlob();
const photo = (name: string, more: Partial<SetPhoto> = {}): SetPhoto => ({
  name,
  before: PIXEL,
  after: [PIXEL],
  ...more,
});
const base = {
  ...canvas,
  template: 'before-after',
  preset: viewOf('interior'),
  looks: [{ concepts: { Floor: { action: 'recolor', value: 'oak' } } }],
  photos: [photo('a.jpg'), photo('b.jpg'), photo('c.jpg')],
  language: 'ko',
  channel: { width: 400, height: 300 },
} as const satisfies SetOptions;

async function all(options: SetOptions) {
  const pictures = [];
  for await (const picture of renderSet(options)) pictures.push(picture);
  return pictures;
}
afterEach(() => void vi.unstubAllGlobals());

test('pictures come in the order of the album, as files of the size and type that they are said to be', async () => {
  for (const [format, begin] of [
    ['jpeg', [0xff, 0xd8]],
    ['png', [0x89, 0x50]],
  ] as const) {
    const pictures = await all({ ...base, format });
    expect(pictures.map(({ name, photos }) => [name, photos])).toEqual(
      ['a', 'b', 'c'].map((stem, at) => [`${stem}.${format === 'png' ? 'png' : 'jpg'}`, [at]]),
    );
    for (const { input, width, height } of pictures) {
      const image = await canvas.decode(input, 4096);
      expect([image.width, image.height, input.type]).toEqual([width, height, `image/${format}`]);
      expect([...new Uint8Array(await input.arrayBuffer()).subarray(0, 2)]).toEqual(begin);
    }
  }
});

test('a photo is read when its picture is asked for, and let go before the next: 200 of them are never there at once', async () => {
  const open = new Set<unknown>();
  let [most, reads] = [0, 0];
  const decode = async (data: Blob, longest: number) => {
    const image = await canvas.decode(data, longest);
    reads += 1;
    open.add(image);
    most = Math.max(most, open.size);
    return Object.assign(image, { close: () => void open.delete(image) });
  };
  const photos = Array.from({ length: 200 }, (_, at) => photo(`${at}.jpg`));
  const set = renderSet({ ...base, decode, photos });
  await set.next();
  expect([reads, open.size]).toEqual([2, 0]);
  for await (const _ of set);
  expect([reads, open.size, most]).toEqual([400, 0, 2]);
});

test('sources may be URLs, bytes, or what gives these in their turn', async () => {
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    return new Response(PIXEL);
  };
  const photos = [
    photo('a', { before: 'https://s/a', after: [async () => 'https://s/b'] }),
    photo('b', { before: () => PIXEL }),
  ];
  expect(await all({ ...base, fetch, photos })).toHaveLength(2);
  expect(asked).toEqual(['https://s/a', 'https://s/b']);
});

test('a photo that cannot be fetched or is no picture ends the set by name; with onLeftOut it is left out, once, and the others go on', async () => {
  const fetch = async () => new Response('gone', { status: 404 });
  const photos = [
    photo('a.jpg', { before: 'https://s/a' }),
    photo('b.jpg', { before: new Blob(['text']), after: [new Blob(['text'])] }),
    photo('c.jpg'),
    photo('d.jpg', { after: [null] }),
  ];
  const thrown = await all({ ...base, fetch, photos }).catch((error: unknown) => error);
  expect(isS3Error(thrown, 'NETWORK_ERROR') && thrown.data.file).toEqual({ index: 0, name: 'a.jpg' });
  const other = await all({ ...base, fetch, photos: photos.slice(1) }).catch((error: unknown) => error);
  expect(isS3Error(other, 'INVALID_FILE') && other.data.files).toMatchObject([
    { index: 0, name: 'b.jpg', reason: 'unreadable' },
  ]);

  for (const template of ['before-after', 'product-pack', 'eight-thumbnails'] as const) {
    const left: LeftOutPhoto[] = [];
    const onLeftOut = (one: LeftOutPhoto) => void left.push(one);
    const pictures = await all({ ...base, template, disclose: true, fetch, photos, onLeftOut });
    expect(new Set(pictures.flatMap((picture) => picture.photos))).toEqual(new Set([2]));
    expect(left.map(({ index, reason }) => [index, reason])).toEqual([
      [3, 'failed'],
      [0, 'unreadable'],
      [1, 'unreadable'],
    ]);
    expect(isS3Error(left[1]?.error, 'NETWORK_ERROR')).toBe(true);
  }
});

test('a set that is aborted ends with ABORTED, also while it reads, and lets go what it has read', async () => {
  const abort = new AbortController();
  const closed: unknown[] = [];
  const decode = async (data: Blob, longest: number) => {
    const image = await canvas.decode(data, longest);
    abort.abort();
    return Object.assign(image, { close: () => void closed.push(image) });
  };
  const thrown = await all({ ...base, decode, signal: abort.signal }).catch((error: unknown) => error);
  expect([isS3Error(thrown, 'ABORTED'), closed.length]).toEqual([true, 1]);
});

test('in a browser it draws on OffscreenCanvas, and keeps a large photo only as large as it needs it', async () => {
  const made: unknown[] = [];
  const closed: number[] = [];
  vi.stubGlobal(
    'createImageBitmap',
    async (source: Blob | { width: number }, options?: { resizeWidth: number; resizeHeight: number }) => {
      if (options) made.push([options.resizeWidth, options.resizeHeight]);
      const { resizeWidth: width = 4000, resizeHeight: height = 3000 } = options ?? {};
      if (!(source instanceof Blob)) expect(source.width).toBe(4000);
      return Object.assign(canvas.canvas(width, height), { close: () => void closed.push(width) });
    },
  );
  class Offscreen {
    constructor(width: number, height: number) {
      // biome-ignore lint/correctness/noConstructorReturn: it is the canvas of Node that stands in for it
      return canvas.canvas(width, height) as never;
    }
  }
  vi.stubGlobal('OffscreenCanvas', Offscreen);
  const { canvas: _, decode: __, ...options } = base;
  expect(await all({ ...options, photos: [photo('a.jpg')] })).toHaveLength(1);
  expect(made).toEqual([
    [960, 720],
    [960, 720],
  ]);
  expect(closed).toEqual([4000, 4000, 960, 960]);
});
