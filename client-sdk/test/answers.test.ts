/** Answers that are not the server's: a proxy's page, a captive portal, a line that ends in the middle. They are no answers. */
import { expect, test } from 'vitest';
import type { Fault } from './fake-api.ts';
import { caught, first, jpegs, setUp } from './support.ts';

const PAGE = '<!doctype html><html><title>Sign in to the network</title></html>';
const html = (status: number) => () =>
  new Response(PAGE, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });

const ANSWERS: Record<string, () => Response> = {
  'a page with 200': html(200),
  'a page with 401': html(401),
  'a page with 403': html(403),
  'a page with 404': html(404),
  'a page with 451': html(451),
  'a page with 502': html(502),
  'an empty 200': () => new Response(null, { status: 200 }),
  'an empty 204': () => new Response(null, { status: 204 }),
  'JSON that ends in the middle': () => new Response('[{"result":{"data":{"json":{"jobId":"job', { status: 200 }),
  "somebody else's JSON": () => Response.json({ error: { code: 'blocked', message: 'by policy' } }, { status: 403 }),
  "somebody else's JSON with 200": () => Response.json({ ok: true }),
  null: () => Response.json(null),
  'an empty list': () => Response.json([]),
};
const EACH = Object.entries(ANSWERS);
const CALLS = ['auth.anon', 'jobs.create', 'jobs.confirmUpload', 'jobs.execute', 'jobs.get'];

test.each(EACH)('%s is asked again, with the same key', async (_, answer) => {
  const { api, client } = setUp();
  const keys: unknown[] = [];
  const lost: Fault = async (request) => {
    keys.push(JSON.parse(await request.clone().text())[0].json.idempotencyKey);
    return undefined;
  };
  api.faults = [
    (request) => (request.url.includes('jobs.create') ? lost(request) : undefined),
    first(2, 'jobs.create', answer),
  ];
  await client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/png', bytes: 9 }] });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
});

test.each(
  EACH,
)('%s in place of any answer ends no run: one job, every photo sent once, nothing canceled', async (_, answer) => {
  for (const path of CALLS) {
    const { api, client } = setUp();
    api.faults = [first(1, path, answer)];
    const { status } = await client.jobs.run({
      preset: 'seller',
      files: jpegs(2),
      concepts: { Body: { action: 'remove' } },
    });
    expect([path, status, api.jobs.size]).toEqual([path, 'done', 1]);
    expect(api.log.filter((entry) => entry.startsWith('PUT'))).toHaveLength(2);
    expect(api.log).not.toContain('jobs.cancel');
  }
});

test.each(EACH)('%s that stays is NETWORK_ERROR after four requests, and may work later', async (_, answer) => {
  const { api, client } = setUp();
  api.faults = [answer];
  expect(await caught(client.presets.list())).toMatchObject({ code: 'NETWORK_ERROR', attempts: 4, retryable: true });
});

test('what is asked for is never taken from a cache', async () => {
  const modes: (string | undefined)[] = [];
  const { api } = setUp();
  const { client } = setUp({
    baseUrl: api.base,
    fetch: (url, init) => {
      modes.push(init?.cache);
      return api.fetch(url, init);
    },
  });
  await client.jobs.list();
  expect(modes).toEqual(['no-store', 'no-store']);
});
