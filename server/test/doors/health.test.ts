/** `GET /health`: what is set up, without I/O and without values. */
import { env } from 'cloudflare:workers';
import { expect, test, vi } from 'vitest';
import { ask, askWith, without } from '../../../proving/world/workerd/client.ts';
import { countObjects } from '../../../proving/world/workerd/objects.ts';

test('health is ok when everything is set, and names every binding', async () => {
  const answer = await ask('/health');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    success: true,
    error: null,
    data: {
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      bindings: { DB: true, R2: true, GPU_QUEUE: true, USER_LIMITER: true, JOB_COORDINATOR: true },
      settings: { problems: [] },
    },
    meta: { request_id: answer.headers.get('x-request-id'), timestamp: new Date().toISOString() },
  });
});

test('health names every setting that is missing, and gives no value away', async () => {
  const answer = await askWith(without('JWT_SECRET', 'R2_SECRET_ACCESS_KEY', 'R2_ACCOUNT_ID'), '/health');
  expect(answer.status).toBe(503);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({
    data: {
      status: 'unavailable',
      settings: { problems: ['R2_ACCOUNT_ID', 'JWT_SECRET', 'R2_SECRET_ACCESS_KEY'] },
    },
  });
  for (const secret of [env.GPU_CALLBACK_SECRET, env.R2_ACCESS_KEY_ID, env.ADMIN_SECRET, env.GPU_API_KEY]) {
    expect(text).not.toContain(secret);
  }
});

test('health says which binding is missing', async () => {
  const answer = await askWith(without('GPU_QUEUE'), '/health');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ data: { bindings: { GPU_QUEUE: false, DB: true } } });
});

test('health touches nothing: no D1, no R2, no object', async () => {
  const objects = await countObjects();
  const touched = [vi.spyOn(env.DB, 'prepare'), vi.spyOn(env.R2, 'list'), vi.spyOn(env.USER_LIMITER, 'get')];
  await ask('/health');
  for (const spy of touched) expect(spy).not.toHaveBeenCalled();
  expect(await countObjects()).toBe(objects);
});

test('a probe that finds everything well leaves no line in the log, and one that does not leaves one', async () => {
  const lines = vi.spyOn(console, 'log').mockReturnValue();
  await ask('/health');
  await askWith(without('GPU_QUEUE'), '/health');
  // The line follows the answer.
  await vi.waitFor(() => expect(lines).toHaveBeenCalled());
  expect(lines.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([{ event: 'request', status: 503 }]);
});

test('health is read with GET only', async () => {
  expect((await ask('/health', { method: 'POST' })).status).toBe(404);
});
