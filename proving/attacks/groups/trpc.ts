/** tRPC: batches, methods, content types, sizes, and inputs made to break whoever reads them. */

import { CHOICE } from '../../world/bundle/jobs.ts';
import { uniqueKey, type World } from '../../world/bundle/world.ts';
import { answers, Group, must } from '../attack.ts';
import { CUT_OFF } from './callback-bodies.ts';

export const trpc = new Group('tRPC');
export const INVALID = answers(400, 'VALIDATION_ERROR');
const NO_METHOD = answers([400, 405], 'VALIDATION_ERROR');
const JSON_TYPE = { 'content-type': 'application/json' };

export const auth = (world: World) => ({ authorization: `Bearer ${world.attacker.token}` });
export const post = (world: World, path: string, body: string, headers: Record<string, string> = JSON_TYPE) =>
  world.send(`/trpc/${path}`, { method: 'POST', headers: { ...auth(world), ...headers }, body });
export const RULE = { name: 'Taken', presetId: 'interior', concepts: { Wall: { action: 'remove' } } };
const RULE_BODY = JSON.stringify({ json: RULE });
const batchOf = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, { json: RULE }])));

for (const count of [21, 5000]) {
  trpc.attack(`a batch of ${count.toLocaleString('en-US')} mutations`, answers([400, 414, 431]), async (world) => {
    const paths = Array.from({ length: count }, () => 'rules.create').join(',');
    return post(world, `${paths}?batch=1`, count > 21 ? batchOf(2000) : batchOf(count));
  });
}
trpc.attack('a batch of 5,000 sign-ups without any limit of the body', answers([400, 413, 414, 431]), (world) => {
  const body = `{${Array.from({ length: 5000 }, (_, n) => `"${n}":{}`).join(',')}}`;
  return post(world, `${Array.from({ length: 5000 }, () => 'auth.anon').join(',')}?batch=1`, body);
});
trpc.attack('a batch whose indexes are __proto__ and constructor', answers([400, 404, 405]), async (world) => {
  const indexes = ['__proto__', 'constructor', '-1', '1e3'];
  const bodies = [...indexes.map((index) => `{"${index}":${RULE_BODY}}`), '[]'];
  return Promise.all(bodies.map((body) => post(world, 'rules.create,rules.create?batch=1', body)));
});
trpc.attack('inputs that do not stand in "json", so that they would pass for none', INVALID, (world) => {
  // A sign-up whose key was lost would make another user each time that it is repeated, a revocation would not be found again.
  const idempotencyKey = `${uniqueKey()}-${uniqueKey()}`;
  const bare = JSON.stringify({ idempotencyKey });
  const beside = JSON.stringify({ json: {}, idempotencyKey });
  return Promise.all([
    post(world, 'auth.anon', bare),
    post(world, 'auth.anon', bare),
    post(world, 'auth.anon', beside),
    post(world, 'auth.revoke', bare),
    post(world, 'auth.anon,auth.anon?batch=1', `{"0":${bare},"1":${beside}}`),
    post(world, 'auth.anon,auth.anon?batch=1', bare),
    world.send(`/trpc/jobs.list?input=${encodeURIComponent('{"limit":1}')}`, { headers: auth(world) }),
  ]);
});
trpc.attack('a mutation as GET', NO_METHOD, (world) =>
  Promise.all([
    world.query('rules.create', RULE, { token: world.attacker.token }),
    world.query('auth.revoke', undefined, { token: world.victim.token }),
    world.query('jobs.cancel', { jobId: world.victim.jobs.running.jobId }, { token: world.victim.token }),
    world.query('auth.anon', {}),
  ]),
);
trpc.attack('a mutation as GET in a batch', NO_METHOD, (world) => {
  const input = encodeURIComponent(JSON.stringify({ 0: { json: RULE } }));
  return world.send(`/trpc/rules.create?batch=1&input=${input}`, { headers: auth(world) });
});
trpc.attack('a method override', NO_METHOD, (world) => {
  const input = encodeURIComponent(RULE_BODY);
  const names = ['x-http-method-override', 'x-method-override', 'x-http-method', '_method'];
  return Promise.all(
    names.map((name) =>
      world.send(`/trpc/rules.create?_method=POST&input=${input}`, { headers: { ...auth(world), [name]: 'POST' } }),
    ),
  );
});
trpc.attack('other methods on a procedure', answers([400, 404, 405, 501]), (world) =>
  Promise.all(
    ['PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND'].map((method) =>
      world.send('/trpc/rules.create', { method, headers: { ...auth(world), ...JSON_TYPE }, body: RULE_BODY }),
    ),
  ),
);
for (const type of [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
]) {
  trpc.attack(`a mutation as ${type.split(';')[0]}`, answers([400, 415], 'VALIDATION_ERROR'), (world) =>
    post(world, 'rules.create', RULE_BODY, { 'content-type': type }),
  );
}
trpc.attack(
  'a mutation without a content type, and with one that only looks like JSON',
  answers([400, 415], 'VALIDATION_ERROR'),
  (world) =>
    Promise.all(
      [
        {},
        { 'content-type': 'application/jsonp' },
        { 'content-type': 'text/plain; a=application/json' },
        { 'content-type': '' },
      ].map((headers) => post(world, 'rules.create', RULE_BODY, headers as Record<string, string>)),
    ),
);
trpc.attack('bytes where JSON belongs', answers([400, 415], 'VALIDATION_ERROR'), (world) =>
  world.send('/trpc/rules.create', {
    method: 'POST',
    headers: { ...auth(world), 'content-type': 'application/octet-stream' },
    body: new TextEncoder().encode(RULE_BODY),
  }),
);

trpc.attack('a body of a byte more than 256 KB', CUT_OFF, (world) =>
  post(world, 'rules.create', `{"json":{"name":"${'x'.repeat(256 * 1024)}"}}`),
);
trpc.attack('a body of 10 MB, with and without its length', CUT_OFF, async (world) => {
  const body = `{"json":{"name":"${'x'.repeat(10_000_000)}"}}`;
  const headers = { ...auth(world), ...JSON_TYPE };
  return [
    await post(world, 'rules.create', body),
    await world.send('/trpc/rules.create', { method: 'POST', headers, body, chunked: true }),
  ];
});
trpc.attack('an input of 20 KB in the address, and one of 200 KB', answers([400, 413, 414, 431]), (world) =>
  Promise.all([20_000, 200_000].map((length) => world.query('presets.get', { id: 'x'.repeat(length) }))),
);
trpc.attack('jobs.watch over plain HTTP, as a stream', answers([400, 404, 405]), (world) => {
  const input = encodeURIComponent(JSON.stringify({ json: { jobId: world.victim.jobs.running.jobId } }));
  const headers = { ...auth(world), accept: 'text/event-stream' };
  return Promise.all([
    world.send(`/trpc/jobs.watch?input=${input}`, { headers }),
    world.send(`/trpc/jobs.watch?input=${input}&lastEventId=1`, { headers }),
    post(world, 'jobs.watch', '{}'),
  ]);
});
trpc.attack('a stream of the batch (trpc-accept: application/jsonl)', answers([200, 207, 400, 401]), async (world) => {
  const headers = { 'trpc-accept': 'application/jsonl' };
  const reply = await world.send('/trpc/user.me,jobs.get?batch=1&input=%7B%7D', { headers });
  must(!reply.body.includes('usr_'), `it shows a user: ${reply.body.slice(0, 300)}`);
  return reply;
});
trpc.staged('the choice of another preset on a job', INVALID, async (world) => {
  const owner = await world.signUp();
  const job = await world.jobs.uploaded(owner, 1);
  const choice = { ...CHOICE, concepts: { Logo: { action: 'remove' } } };
  return () => world.mutate('jobs.execute', { jobId: job.jobId, ...choice }, { token: owner.token });
});
