// @vitest-environment happy-dom
/** `jobs.watch` as TanStack Query has it in `./react`, against the test double. */
import { useSubscription } from '@trpc/tanstack-react-query';
import { expect, test } from 'vitest';
import { createClient } from '../../src/index.ts';
import { useS3Options } from '../../src/react/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { jpegs } from '../support.ts';
import { render } from './render.ts';

test('a component is told what happens to a job, and its end', async () => {
  const server = createTestServer({ gpu: 'manual' });
  const client = createClient(server);
  const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
  const handle = client.jobs.start({ preset: 'interior', files: jpegs(1), concepts });
  await expect.poll(() => server.gpu.messages.length, { timeout: 15_000 }).toBe(1);
  const jobId = server.gpu.messages[0]?.job_id ?? '';
  const view = await render(client, () => useSubscription(useS3Options().jobs.watch.subscriptionOptions({ jobId })));
  await view.until(({ data }) => data?.data.type === 'progress', 'how it stands');
  await view.act(() => void server.gpu.done(jobId));
  const { data } = await view.until((told) => told.data?.data.type === 'done', 'its end');
  expect(data).toMatchObject({ id: 'end', data: { done: 1, charged: 1 } });
  await handle.result();
  await view.unmount();
});
