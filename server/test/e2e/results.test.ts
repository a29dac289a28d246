/** What the signature of a result's URL binds, checked by the bucket's door, which is as strict as R2: the type that the job was executed for. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job, Running } from '../../../proving/world/bundle/jobs.ts';
import { data, text, World } from '../../../proving/world/bundle/world.ts';
import { OUTPUT_TYPES, outputTypeOf } from '../../src/contract/gpu-message.ts';
import { RESULT_FORMATS, type ResultFormat } from '../../src/contract/jobs.ts';

/** As long as a picture: of a shorter one the first bytes would be looked at. */
const RESULT = 'a result'.repeat(200);

let world: World;
beforeAll(async () => {
  world = await World.start({});
});
afterAll(async () => {
  world?.http.close();
  await world?.production.stop();
  world?.gpu.close();
});

const seen = async ({ owner, jobId }: Job) => data(await world.query('jobs.get', { jobId }, { token: owner.token }));
const put = async ({ dispatch }: Running, type: string) => {
  const url = dispatch.items[0]?.output_url ?? '';
  const { status } = await world.send(url, { method: 'PUT', headers: { 'content-type': type }, body: RESULT });
  return status;
};

it.each(
  RESULT_FORMATS,
)('a result of a job in %s is taken as that alone, charged, and served as that', async (format: ResultFormat) => {
  const uploaded = await world.jobs.uploaded(await world.signUp(), 1);
  await world.jobs.execute(uploaded, { format });
  const job = await world.jobs.dispatched(uploaded);
  const type = outputTypeOf(format);
  expect(job.dispatch.output_type).toBe(type);
  for (const other of [...OUTPUT_TYPES.filter((one) => one !== type), 'text/html', `${type}; charset=utf-8`]) {
    expect(await put(job, other), other).toBe(403);
  }
  expect(await put(job, type)).toBe(200);
  expect((await world.jobs.report(job, { idx: 0, status: 'done' })).status).toBe(200);
  const done = await seen(job);
  expect(done).toMatchObject({ status: 'done', charged: 1, format });
  const result = await fetch(text(done, 'items', 0, 'resultUrl'));
  await result.arrayBuffer();
  expect([result.status, result.headers.get('content-type')]).toEqual([200, type]);
});
