// @vitest-environment happy-dom
/** A file that vanishes in the middle of an upload and does not come back: the page goes on without it. */
import { expect, test } from 'vitest';
import { createClient, type PhotoFile } from '../../src/index.ts';
import { useUpload } from '../../src/react/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { bytes, jpegs } from '../support.ts';
import { render } from './render.ts';

const album = { preset: 'interior', concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;

test('without the file that vanished, Apply calls off the job that waits for it, and begins one of the others', async () => {
  const server = createTestServer({ gpu: 'manual' });
  const client = createClient(server);
  const view = await render(client, () => useUpload());
  let there = true;
  const card = {
    size: 7,
    slice: () => ({
      arrayBuffer: async () => {
        if (!there) throw new DOMException('the card was taken out', 'NotReadableError');
        return bytes([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]).buffer;
      },
    }),
  } as unknown as Blob;
  const [first, third] = jpegs(2) as [PhotoFile, PhotoFile];
  await view.act(() => view.value.add([first, { name: 'gone.jpg', data: card }, third]));
  await view.act(() => {
    view.value.start(album);
    view.value.pause();
  });
  await view.until(({ phase }) => phase === 'uploading', 'the job is made');
  there = false;
  await view.act(() => view.value.resume());
  await view.until(({ missing }) => missing.length > 0, 'it waits for the file');
  const waiting = view.value.handle;
  expect(view.value.photos[1]).toMatchObject({ name: 'gone.jpg', status: 'missing' });
  await view.act(() => expect(view.value.start(album)).toBe(waiting));
  await view.act(() => view.value.remove(1));
  await view.act(() => expect(view.value.start(album)).not.toBe(waiting));
  await view.until(({ status, total }) => status === 'running' && total === 2, 'the others are at work');
  expect((await waiting?.result())?.status).toBe('canceled');
  expect((await client.user.me()).credits).toMatchObject({ balance: 8, held: 2 });
  expect(server.gpu.messages).toHaveLength(1);
  await view.unmount();
});
