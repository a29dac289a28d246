// @vitest-environment happy-dom
/** The hooks of `./react` against the test double: what a component shows, and what it leaves behind. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { createClient, isS3Error } from '../../src/index.ts';
import { useJob, useRun, useS3Options, useUpload } from '../../src/react/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { jpegs } from '../support.ts';
import { render } from './render.ts';

const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
const setUp = () => {
  const server = createTestServer({ gpu: 'manual' });
  return { server, client: createClient(server) };
};
/** A job that the GPU worker has taken. */
async function jobAtWork({ client, server }: ReturnType<typeof setUp>, count: number): Promise<string> {
  const handle = client.jobs.start({ preset: 'interior', files: jpegs(count), concepts });
  await expect.poll(() => server.gpu.messages.length, { timeout: 15_000 }).toBe(1);
  handle.detach();
  return server.gpu.messages[0]?.job_id ?? '';
}

test('useJob shows a job by its id as it goes on, and its result', async () => {
  const world = setUp();
  const jobId = await jobAtWork(world, 2);
  const view = await render(
    world.client,
    () => useJob(jobId),
    ({ status, done, total }) => createElement('p', null, `${status} ${done}/${total}`),
  );
  await view.until(({ status, connection }) => status === 'running' && connection === 'live', 'it is live');
  expect(view.html).toBe('<p>running 0/2</p>');
  await view.act(() => void world.server.gpu.done(jobId, 1));
  await view.until(({ done }) => done === 1, 'one is done');
  expect(view.html).toBe('<p>running 1/2</p>');
  await view.act(() => void world.server.gpu.done(jobId));
  const { result } = await view.until((job) => job.result !== null, 'the result');
  expect(result).toMatchObject({ jobId, status: 'done', charged: 2 });
  await view.unmount();
});

test('unmounting leaves the job at work and watched by nobody, and mounting again takes it up', async () => {
  const world = setUp();
  const jobId = await jobAtWork(world, 2);
  const first = await render(world.client, () => useJob(jobId));
  const { handle } = await first.until(({ connection }) => connection === 'live', 'it is live');
  await first.unmount();
  await expect.poll(() => handle?.state.connection, { timeout: 15_000 }).toBe('idle');
  expect((await world.client.jobs.get({ jobId })).status).toBe('running');
  world.server.gpu.done(jobId, 0);
  const seen = first.values.length;
  const again = await render(world.client, () => useJob(jobId));
  await again.until(({ done }) => done === 1, 'what happened meanwhile');
  expect(first.values.length).toBe(seen);
  await again.unmount();
});

test('StrictMode, which mounts twice, attaches once', async () => {
  const world = setUp();
  const jobId = await jobAtWork(world, 1);
  let attached = 0;
  const counting = {
    ...world.client,
    jobs: {
      ...world.client.jobs,
      attach: ((id: string) => {
        attached += 1;
        return world.client.jobs.attach(id);
      }) as typeof world.client.jobs.attach,
    },
  };
  const view = await render(counting, () => useJob(jobId));
  await view.until(({ status }) => status === 'running', 'it is known');
  expect(attached).toBe(1);
  await view.unmount();
});

test('useJob shows why a job cannot be followed', async () => {
  const { client } = setUp();
  const view = await render(client, () => useJob('f'.repeat(64)));
  const { error } = await view.until((job) => job.error !== null, 'the error');
  expect(isS3Error(error, 'JOB_NOT_FOUND')).toBe(true);
  await view.unmount();
});

test('useRun goes from files to results, with progress from 0 to 1', async () => {
  const { server, client } = setUp();
  const view = await render(client, () => useRun());
  expect(view.value).toMatchObject({ running: false, progress: 0, handle: null });
  await view.act(() => void view.value.start({ preset: 'interior', files: jpegs(2), concepts }));
  const { jobId } = await view.until(({ status }) => status === 'running', 'it runs');
  expect(view.value).toMatchObject({ running: true, progress: 0.5, uploaded: 2 });
  await view.act(() => void server.gpu.done(jobId ?? ''));
  await view.until(({ result }) => result !== null, 'the result');
  expect(view.value).toMatchObject({ running: false, progress: 1, done: 2 });
  const steps = view.values.map(({ progress }) => progress);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  await view.act(() => view.value.reset());
  expect(view.value).toMatchObject({ running: false, progress: 0, result: null });
  await view.unmount();
});

test('useRun shows what refuses a run, and cancel ends one', async () => {
  const { server, client } = setUp();
  const view = await render(client, () => useRun());
  server.faults.once('jobs.create', { code: 'CREDITS_EXHAUSTED', data: { needed: 1, balance: 0 } });
  await view.act(() => void view.value.start({ preset: 'interior', files: jpegs(1), concepts }));
  const { error } = await view.until((run) => run.error !== null, 'the error');
  expect(isS3Error(error, 'CREDITS_EXHAUSTED') && error.data).toEqual({ needed: 1, balance: 0 });
  expect(view.value.running).toBe(false);
  await view.act(() => void view.value.start({ preset: 'interior', files: jpegs(1), concepts }));
  await view.until(({ status }) => status === 'running', 'it runs');
  expect(view.value.error).toBeNull();
  await view.act(() => view.value.cancel());
  const { result } = await view.until((run) => run.result !== null, 'the end');
  expect(result).toMatchObject({ status: 'canceled', refunded: 1 });
  await view.unmount();
});

test('a file that is put in the place of another has its id and its place, by position or by id', async () => {
  const { client } = setUp();
  type Photo = ReturnType<typeof jpegs>[number];
  const [a, b, jpeg, turned] = jpegs(4) as [Photo, Photo, Photo, Photo];
  const view = await render(client, () => useUpload());
  await view.act(() => view.value.add([a, b]));
  const ids = view.value.photos.map(({ id }) => id);
  await view.act(() => view.value.replace(ids[0] ?? '', jpeg));
  await view.act(() => view.value.replace(1, turned));
  expect(view.value.files).toEqual([jpeg, turned]);
  expect(view.value.photos.map(({ id, file }) => [id, file])).toEqual([
    [ids[0], jpeg],
    [ids[1], turned],
  ]);
  await view.unmount();
});

test('useUpload collects files, holds the upload while paused, and goes on', async () => {
  const { client } = setUp();
  const view = await render(client, () => useUpload());
  await view.act(() => view.value.add(jpegs(3)));
  await view.act(() => view.value.remove(1));
  expect(view.value.files).toHaveLength(2);
  await view.act(() => {
    view.value.start({ preset: 'interior', concepts });
    view.value.pause();
  });
  await view.until(({ phase, paused }) => phase === 'uploading' && paused, 'it is held');
  expect(view.value.uploaded).toBe(0);
  await view.act(() => view.value.resume());
  await view.until(({ status }) => status === 'running', 'it runs');
  expect(view.value).toMatchObject({ uploaded: 2, total: 2 });
  await view.act(() => view.value.clear());
  expect(view.value.files).toEqual([]);
  await view.unmount();
});

test('query options read through the client, and mutations write; both give its errors', async () => {
  const { server, client } = setUp();
  const view = await render(client, () => {
    const s3 = useS3Options();
    const me = useQuery(s3.user.me.queryOptions());
    const rules = useQuery(s3.rules.list.queryOptions());
    const create = useMutation(s3.rules.create.mutationOptions({ onSuccess: () => rules.refetch() }));
    const job = useQuery(s3.jobs.get.queryOptions({ jobId: 'nonsense' }));
    return { me, rules, create, job, key: s3.jobs.get.queryKey({ jobId: 'j' }) };
  });
  await view.until(({ me, rules }) => me.isSuccess && rules.isSuccess, 'both are there');
  expect(view.value.me.data?.credits.balance).toBe(10);
  expect(view.value.key).toEqual([['jobs', 'get'], { input: { jobId: 'j' }, type: 'query' }]);
  server.faults.once('rules.create', { code: 'RULE_SLOT_FULL', data: { limit: 2 } });
  const draft = { name: 'oak', presetId: 'interior', concepts } as const;
  await view.act(() => view.value.create.mutateAsync(draft).then(undefined, () => {}));
  const { create: refused } = await view.until(({ create }) => create.isError, 'the refusal');
  expect(isS3Error(refused.error, 'RULE_SLOT_FULL')).toBe(true);
  await view.act(() => view.value.create.mutateAsync(draft).then(() => {}));
  await view.until(({ rules }) => rules.data?.length === 1, 'the new rule');
  expect(view.value.rules.data?.[0]?.createdAt).toBeInstanceOf(Date);
  const { job } = await view.until(({ job: asked }) => asked.isError, 'the error');
  expect(isS3Error(job.error, 'JOB_NOT_FOUND')).toBe(true);
  await view.unmount();
});
