/** Callbacks with good credentials and a body that must be refused as a whole. */
import { deflateSync, gzipSync } from 'node:zlib';
import type { Running } from '../../world/bundle/jobs.ts';
import { rawRequest } from '../../world/bundle/raw.ts';
import type { World } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { callbacks } from './callbacks.ts';

const INVALID = answers(400, 'VALIDATION_ERROR');
/** Refused, or the connection closed before all of it was sent. */
export const CUT_OFF = answers([413, 0], ['PAYLOAD_TOO_LARGE', null]);
const target = (world: World): Running => world.victim.jobs.running as Running;

/** Each of these bodies, with the job's own token. */
function refusedBodies(name: string, bodies: (job: Running, world: World) => unknown[], answer = INVALID): void {
  callbacks.attack(name, answer, (world) => {
    const job = target(world);
    return Promise.all(bodies(job, world).map((body) => world.jobs.report(job, body)));
  });
}

refusedBodies("keys of another user's job", (_, { attacker }) => {
  const { userId, job } = attacker;
  return [
    { idx: 0, status: 'done', output_key: `outputs/${userId}/${job.jobId}/0_result.png` },
    { idx: 0, status: 'done', preview_key: `previews/${userId}/${job.jobId}/0_thumb.jpg` },
  ];
});
refusedBodies('keys that climb out of their folder', ({ dispatch: message }) => {
  const key = message.items[0]?.output_key ?? '';
  const folder = key.slice(0, key.lastIndexOf('/'));
  const keys = [
    `${folder}/../0_result.png`,
    `${folder}/%2e%2e/0_result.png`,
    `/${key}`,
    `${key}\0`,
    `${key}/`,
    './',
    '',
  ];
  return keys.map((output_key) => ({ idx: 0, status: 'done', output_key }));
});
refusedBodies("another photo's key of the same job", ({ dispatch: message }) => [
  { idx: 0, status: 'done', output_key: message.items[1]?.output_key },
]);
refusedBodies('one foreign key among good results', ({ dispatch: message }) => [
  {
    items: [
      { idx: 0, status: 'done' },
      { idx: 1, status: 'done', output_key: message.items[0]?.output_key },
    ],
  },
]);
refusedBodies('an index outside the job', () =>
  [2, 199, 200, -1, 1e9, 0.5, '0', null, '__proto__', [0], { valueOf: 0 }].map((idx) => ({ idx, status: 'failed' })),
);
refusedBodies('a status that is none', () =>
  ['', 'ok', 'DONE!', 'running', 'canceled', '__proto__', 'constructor', null, 1, ['done']].map((status) => ({
    idx: 0,
    status,
  })),
);
refusedBodies('fields of another type', () => [
  { idx: 0, status: 'failed', error: { toString: 'x' } },
  { idx: 0, status: 'failed', error: 7 },
  { idx: 0, status: 'done', output_key: ['a'] },
  { idx: 0, status: 'done', attempt: 0 },
  { idx: 0, status: 'done', attempt: '1' },
  { idx: 0, status: 'done', attempt: 2.5 },
  { idx: 0, status: 'done', idempotency_key: '' },
]);
refusedBodies('more than 200 results', () => [
  { items: Array.from({ length: 201 }, () => ({ idx: 0, status: 'failed' })) },
]);
refusedBodies('results that are no list', () => [
  { items: [] },
  { items: {} },
  { items: { length: 1, 0: { idx: 0, status: 'failed' } } },
  { items: 'failed' },
  { items: [[{ idx: 0, status: 'failed' }]] },
  { items: [null] },
]);
refusedBodies('bodies that are no object', () => [
  '',
  'null',
  '[]',
  '0',
  '"failed"',
  '{',
  'idx=0&status=failed',
  '\ufeff{}',
  '\0',
]);
refusedBodies('a body for another job', (_, { attacker }) => [
  { job_id: attacker.job.jobId, idx: 0, status: 'failed' },
  { job_id: attacker.job.jobId, items: [{ idx: 0, status: 'failed' }] },
  { job_id: '__proto__', idx: 0, status: 'failed' },
]);
refusedBodies('a body 100 deep, and one 10,000 deep', () => [
  `${'['.repeat(100)}${']'.repeat(100)}`,
  `${'{"items":['.repeat(100)}${']}'.repeat(100)}`,
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
]);
refusedBodies('__proto__ as the body of the result', () => [
  '{"__proto__":{"idx":0,"status":"failed"}}',
  '{"items":[{"__proto__":{"idx":0,"status":"failed"}}]}',
  '{"constructor":{"prototype":{"idx":0,"status":"failed"}}}',
]);
refusedBodies('a body of a byte more than 1 MB', () => [' '.repeat(1024 * 1024 + 1)], CUT_OFF);

callbacks.attack('a body of 10 MB, with and without its length', CUT_OFF, async (world) => {
  const { jobId } = target(world);
  const body = `{"error":"${'x'.repeat(10_000_000)}"}`;
  return [
    await world.send(`/jobs/${jobId}/callback`, { method: 'POST', body }),
    await world.send(`/jobs/${jobId}/callback`, { method: 'POST', body, chunked: true }),
  ];
});
callbacks.attack('a body that unpacks to 50 MB', answers(413, 'PAYLOAD_TOO_LARGE'), async (world) => {
  const job = target(world);
  const text = Buffer.alloc(50_000_000, ' ');
  const reply = (body: Buffer, encoding: string) =>
    world.jobs.report(job, body, { authorization: `Bearer ${job.token}`, 'content-encoding': encoding });
  return [await reply(gzipSync(text), 'gzip'), await reply(deflateSync(text), 'deflate')];
});
callbacks.attack('a body shorter than its announced length', answers([]), async (world) => {
  const { jobId, token } = target(world);
  const head = [`POST /jobs/${jobId}/callback HTTP/1.1`, 'Host: x', `Authorization: Bearer ${token}`];
  const { status, body } = await rawRequest(
    world.production.port,
    [...head, 'Content-Length: 100', '', '{"idx":0,"status":"failed"}'].join('\r\n'),
    1000,
  );
  must(status !== 200, `it was served: ${body}`);
  return [];
});

callbacks.attack(
  'jobs that are none, with the global secret',
  answers(404, ['JOB_NOT_FOUND', 'NOT_FOUND']),
  (world) => {
    const secret = { 'x-callback-secret': world.setting('GPU_CALLBACK_SECRET') };
    const { jobId } = target(world);
    const ids = [
      '0'.repeat(64),
      'f'.repeat(64),
      `${jobId.slice(0, -1)}${jobId.endsWith('0') ? '1' : '0'}`,
      jobId.slice(0, 63),
      `${jobId}00`,
      '__proto__',
      'constructor',
      'toString',
      '..%2f..',
      `..%2f${jobId}`,
      '%00',
    ];
    const body = JSON.stringify({ idx: 0, status: 'failed' });
    return Promise.all(ids.map((id) => world.send(`/jobs/${id}/callback`, { method: 'POST', headers: secret, body })));
  },
);
callbacks.attack('other methods on the callback', answers([404, 405, 501]), (world) => {
  const { jobId, token } = target(world);
  const headers = { authorization: `Bearer ${token}` };
  const methods = ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
  return Promise.all(
    methods.map((method) =>
      world.send(`/jobs/${jobId}/callback`, {
        method,
        headers,
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: '{"idx":0,"status":"failed"}' }),
      }),
    ),
  );
});
