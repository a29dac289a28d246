// @vitest-environment happy-dom
/** What people do with a page that uses the hooks, against the test double: clicks, routes, reloads. */
import { Activity, act, createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { createClient, isS3Error, memoryStorage, type S3Client } from '../../src/index.ts';
import { S3Provider, type UsedUpload, useJob, useRun, useUnfinished, useUpload } from '../../src/react/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { turns } from '../manual-clock.ts';
import { bytes, jpegs } from '../support.ts';
import { render } from './render.ts';

const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
const album = { preset: 'interior', concepts } as const;
const setUp = () => {
  const server = createTestServer({ gpu: 'manual' });
  const storage = memoryStorage();
  return { server, client: createClient({ ...server, storage }), storage };
};
const creates = async (client: S3Client) => (await client.jobs.list()).jobs.length;

test('a button that is clicked twice makes one job, in one turn and in the next, and is disabled meanwhile', async () => {
  const { client } = setUp();
  const view = await render(client, () => useRun());
  const files = jpegs(2);
  await view.act(() => {
    const first = view.value.start({ ...album, files });
    expect(view.value.start({ ...album, files })).toBe(first);
  });
  expect(view.value.running).toBe(true);
  await view.act(() => expect(view.value.start({ ...album, files: jpegs(1) })).toBe(view.value.handle));
  await view.until(({ status }) => status === 'running', 'it runs');
  expect(await creates(client)).toBe(1);
  expect(view.value.error).toBeNull();
  await view.unmount();
});

test('an input that is cleared after each pick keeps every file that was picked, each under an id that stays', async () => {
  const { client } = setUp();
  const view = await render(client, () => useUpload());
  for (const file of jpegs(3)) {
    await view.act(() => {
      const input = [file];
      view.value.add(input);
      input.length = 0;
    });
  }
  expect(view.value.photos.map(({ name, status }) => [name, status])).toEqual([
    ['photo0.jpg', 'picked'],
    ['photo1.jpg', 'picked'],
    ['photo2.jpg', 'picked'],
  ]);
  const ids = view.value.photos.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  await view.act(() => view.value.remove(ids[1] as string));
  await view.act(() => view.value.add(jpegs(1)));
  expect(view.value.photos.map(({ id }) => id).slice(0, 2)).toEqual([ids[0], ids[2]]);
  await view.act(() => view.value.add(null));
  expect(view.value.files).toHaveLength(3);
  await view.unmount();
});

test('each file shows its own progress, its end, and why it was refused, under the id that it had when it was picked', async () => {
  const { server, client } = setUp();
  const view = await render(client, () => useUpload());
  const note = { name: 'notes.txt', data: bytes('hello') };
  const [first, second] = jpegs(2) as [ReturnType<typeof jpegs>[0], ReturnType<typeof jpegs>[0]];
  await view.act(() => view.value.add([first, note, second]));
  const ids = view.value.photos.map(({ id }) => id);
  await view.act(() => void view.value.start({ ...album, onInvalid: 'skip' }));
  const { jobId } = await view.until(({ status }) => status === 'running', 'it runs');
  expect(view.value.photos.map(({ id }) => id)).toEqual(ids);
  expect(view.value.photos).toMatchObject([
    { name: 'photo0.jpg', status: 'uploaded', progress: 1, item: { idx: 0 } },
    { name: 'notes.txt', status: 'refused', progress: 0, item: null, error: 'is text, not a photo' },
    { name: 'photo1.jpg', status: 'uploaded', progress: 1, item: { idx: 1 } },
  ]);
  await view.act(() => void server.gpu.done(jobId ?? '', 1));
  await view.until(({ photos }) => photos[2]?.status === 'done', 'the second is done');
  expect(view.value.photos[2]?.item?.resultUrl).toBeTypeOf('string');
  for (const { photos } of view.values) for (const { progress } of photos) expect(progress).not.toBeNaN();
  await view.unmount();
});

test('a file that cannot be sent is shown as that also where it stops the run', async () => {
  const { client } = setUp();
  const view = await render(client, () => useUpload());
  await view.act(() => view.value.add([...jpegs(1), { name: 'notes.txt', data: bytes('hello') }]));
  await view.act(() => void view.value.start(album));
  await view.until(({ error }) => isS3Error(error, 'INVALID_FILE'), 'it is refused');
  expect(view.value.photos.map(({ status }) => status)).toEqual(['picked', 'refused']);
  await view.unmount();
});

test('another route in the middle of an upload: the run goes on, and the page finds it with its files when it is back', async () => {
  const { client } = setUp();
  const first = await render(client, () => useUpload());
  await first.act(() => first.value.add(jpegs(3)));
  await first.act(() => {
    first.value.start(album);
    first.value.pause();
  });
  const { jobId, photos } = await first.until(({ phase }) => phase === 'uploading', 'it uploads');
  await first.unmount();
  const back = await render(client, () => useUpload());
  expect(back.value).toMatchObject({ running: true, jobId, paused: true });
  expect(back.value.photos.map(({ id }) => id)).toEqual(photos.map(({ id }) => id));
  await back.act(() => {
    back.value.start(album);
    back.value.resume();
  });
  await back.until(({ status }) => status === 'running', 'it runs');
  expect([await creates(client), back.value.error]).toEqual([1, null]);
  await back.unmount();
});

test('how it ended while nobody looked is there as well, until the next start or reset', async () => {
  const { server, client } = setUp();
  const first = await render(client, () => useRun());
  await first.act(() => void first.value.start({ ...album, files: jpegs(1) }));
  const { jobId, handle } = await first.until(({ status }) => status === 'running', 'it runs');
  await first.unmount();
  server.gpu.done(jobId ?? '');
  await handle?.result();
  const back = await render(client, () => useRun());
  expect(back.value).toMatchObject({ running: false, progress: 1, result: { status: 'done', jobId } });
  await back.act(() => back.value.reset());
  expect(back.value).toMatchObject({ running: false, progress: 0, result: null, handle: null });
  await back.unmount();
});

test('two names are two runs, and components of one name share one', async () => {
  const { client } = setUp();
  const view = await render(client, () => ({
    one: useRun({ name: 'one' }),
    same: useRun({ name: 'one', client }),
    two: useRun({ name: 'two' }),
  }));
  await view.act(() => void view.value.one.start({ ...album, files: jpegs(1) }));
  expect([view.value.one.running, view.value.same.running, view.value.two.running]).toEqual([true, true, false]);
  expect(view.value.same.handle).toBe(view.value.one.handle);
  await view.until(({ same }) => same.status === 'running', 'it runs');
  await view.unmount();
});

test('hidden in an Activity the upload goes on, and shown again it is there', async () => {
  const { client } = setUp();
  let upload = null as UsedUpload | null;
  const Album = () => {
    upload = useUpload();
    return null;
  };
  const hiding = (mode: 'visible' | 'hidden') => ({ mode, children: createElement(Album) });
  const page = (mode: 'visible' | 'hidden') =>
    createElement(StrictMode, null, createElement(S3Provider, { client }, createElement(Activity, hiding(mode))));
  const root = createRoot(document.createElement('div'));
  const show = (mode: 'visible' | 'hidden') => act(async () => root.render(page(mode)));
  await show('visible');
  await act(async () => upload?.add(jpegs(2)));
  await act(async () => {
    upload?.start(album);
    upload?.pause();
  });
  const handle = upload?.handle;
  await show('hidden');
  await expect.poll(() => handle?.state.phase).toBe('uploading');
  await show('visible');
  expect(upload).toMatchObject({ running: true, handle, error: null });
  await act(async () => upload?.resume());
  await act(() => expect.poll(() => handle?.state.status).toBe('running'));
  expect(await creates(client)).toBe(1);
  await act(async () => root.unmount());
});

test('cancel clicked twice is one cancel, and a start right after it is a new run that gets the slot', async () => {
  const { client } = setUp();
  const view = await render(client, () => useRun());
  await view.act(() => void view.value.start({ ...album, files: jpegs(1) }));
  const { handle } = await view.until(({ status }) => status === 'running', 'it runs');
  await view.act(async () => {
    const canceling = [view.value.cancel(), view.value.cancel()];
    expect(view.value.start({ ...album, files: jpegs(1) })).not.toBe(handle);
    await Promise.all(canceling);
  });
  await view.until(({ status }) => status === 'running', 'the next runs');
  expect(view.value.error).toBeNull();
  expect((await handle?.result())?.status).toBe('canceled');
  await view.unmount();
});

/** A page that was closed with nothing uploaded, and the next one on its storage. */
async function reloaded(files: ReturnType<typeof jpegs>) {
  const world = setUp();
  const job = world.client.jobs.start({ ...album, files });
  job.pause();
  await expect.poll(() => job.state.phase).toBe('uploading');
  await expect
    .poll(async () => (await world.storage.get(`s3-workers:${world.server.baseUrl}:jobs`)) ?? '')
    .toContain(job.id);
  job.detach();
  return { ...world, jobId: job.id, again: createClient({ ...world.server, storage: world.storage }) };
}

test('after a reload the page finds what waits, is told that files do not match, and Apply brings those that do', async () => {
  const files = jpegs(2);
  const { again, jobId } = await reloaded(files);
  const view = await render(again, () => ({ left: useUnfinished(), upload: useUpload() }));
  const { left } = await view.until((value) => !value.left.loading, 'it was asked for');
  expect(left.jobs).toMatchObject([{ jobId, names: ['photo0.jpg', 'photo1.jpg'], preset: 'interior' }]);
  await view.act(() => view.value.upload.adopt(left.jobs[0]?.resume() as never));
  await view.until(({ upload }) => upload.missing.length === 2, 'it names what is missing');
  expect(view.value.left.jobs).toEqual([]);
  expect(view.value.upload.photos).toMatchObject([
    { name: 'photo0.jpg', status: 'missing', file: null },
    { name: 'photo1.jpg', status: 'missing', file: null },
  ]);
  await view.act(() => view.value.upload.resume([{ name: 'cat.jpg', data: bytes([0xff, 0xd8, 0xff, 0xe0], [1, 2]) }]));
  await view.until(({ upload }) => upload.waiting?.unmatched[0]?.name === 'cat.jpg', 'the stranger is named');
  await view.act(() => {
    view.value.upload.add(files);
    view.value.upload.start(album);
  });
  await view.until(({ upload }) => upload.status === 'running', 'it runs');
  expect(view.value.upload.photos.map(({ status }) => status)).toEqual(['uploaded', 'uploaded']);
  expect(await creates(again)).toBe(1);
  await view.unmount();
});

test('after a reload the same photos and Apply are enough: they are the job that was left, and no second one', async () => {
  const files = jpegs(2);
  const { again, jobId } = await reloaded(files);
  const view = await render(again, () => useUpload());
  await view.act(() => view.value.add(files));
  await view.act(() => void view.value.start(album));
  await view.until(({ status }) => status === 'running', 'it runs');
  expect([view.value.jobId, view.value.error, await creates(again)]).toEqual([jobId, null, 1]);
  await view.unmount();
});

test('what was left can be ended, and then other photos get the slot', async () => {
  const { again } = await reloaded(jpegs(2));
  const view = await render(again, () => ({ left: useUnfinished(), run: useRun() }));
  await view.until(({ left }) => left.jobs.length === 1, 'it was asked for');
  await view.act(async () => void (await view.value.left.jobs[0]?.cancel()));
  expect(view.value.left.jobs).toEqual([]);
  await view.act(() => void view.value.run.start({ ...album, files: jpegs(1) }));
  await view.until(({ run }) => run.status === 'running', 'it runs');
  await view.unmount();
});

test('a page about a job that this client is uploading shows that upload, and leaving it leaves the upload alone', async () => {
  const { client } = setUp();
  const job = client.jobs.start({ ...album, files: jpegs(2) });
  job.pause();
  await expect.poll(() => job.id).not.toBeNull();
  const view = await render(client, () => useJob(job.id));
  await view.until(({ total, phase }) => total === 2 && phase === 'uploading', 'it is shown');
  expect(view.value).toMatchObject({ missing: [], waiting: null, paused: true });
  await view.unmount();
  await turns(50);
  expect(job.state.error).toBeNull();
  job.resume();
  await expect.poll(() => job.state.status).toBe('running');
});

test('useRun takes over a run that was begun elsewhere', async () => {
  const { client } = setUp();
  const job = client.jobs.start({ ...album, files: jpegs(1) }) as never;
  const view = await render(client, () => useRun({ job }));
  await view.until(({ status }) => status === 'running', 'it runs');
  expect(view.value).toMatchObject({ running: true, handle: job });
  await view.unmount();
});
