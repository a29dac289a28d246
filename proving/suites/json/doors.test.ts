/**
 * JSONTestSuite at every door of the production bundle that takes a body: what is no JSON, and what is unusual JSON, gets an answer
 * that the documents name, never a 500, and the service goes on.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Procedure, proceduresOfRouter } from '../../attacks/router.ts';
import { at, type Reply, replyOf } from '../../world/bundle/http.ts';
import type { Running } from '../../world/bundle/jobs.ts';
import { openSocket } from '../../world/bundle/socket.ts';
import { data, text, World } from '../../world/bundle/world.ts';
import { undocumented } from '../documented.ts';
import { JSON_FILES, type JsonFile, SUM } from './files.ts';

const procedures = await proceduresOfRouter();
const mutations = procedures.filter(({ type }) => type === 'mutation');
/** First what must be refused: some of the others revoke the session they come with, or delete its user. */
const IN_ORDER = [...'niy'].map((kind) => JSON_FILES.filter(({ name }) => name.startsWith(`${kind}_`)));
/** Of what is wrong, as much as shows why. */
const SHOWN = 10;
/** Requests under way at a time. */
const AT_ONCE = 32;
/** Sockets at a time, of the 20 that a job has. */
const WATCHERS = 8;

let world: World;
let job: Running;
beforeAll(async () => {
  world = await World.start({ WATCH_IDLE_MS: '600000', HOLD_CHECK_MS: '86400000' });
  job = await world.jobs.running(await world.signUpPro(), 3);
});
afterAll(() => world?.stop());

/** Sends every file, and returns what is wrong with the answers; what is no JSON must not be taken. */
async function wrongAnswers(send: (file: JsonFile) => Promise<Reply>, readsBody = true): Promise<string[]> {
  const wrong: string[] = [];
  for (const files of IN_ORDER) {
    const left = files.values();
    const sender = async () => {
      for (const file of left) {
        const reply = await send(file);
        const isTaken = reply.status === 200 && file.name.startsWith('n_') && readsBody && !isEmpty(file);
        const found = isTaken ? `it was taken: ${reply.body.slice(0, 200)}` : undocumented(reply);
        if (found !== null) wrong.push(`${file.name}: ${found}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }
  return wrong.slice(0, SHOWN);
}

/** Nothing, or nothing but a byte order mark: a call without an input. */
const isEmpty = ({ bytes }: JsonFile): boolean => bytes.toString('utf8').replace('\ufeff', '') === '';

/** Who may call a procedure: an operator, or a user of its own. */
async function tokenFor({ path }: Pick<Procedure, 'path'>): Promise<string> {
  return path.startsWith('admin.') ? world.setting('ADMIN_SECRET') : (await world.signUp()).token;
}

const post = (path: string, token: string, body: Uint8Array): Promise<Reply> =>
  world.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });

const within = (before: string, { bytes }: JsonFile, after: string): Buffer =>
  Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);

test('the files are the 318 of the suite, byte for byte', () => {
  const sum = createHash('sha256');
  for (const { name, bytes } of JSON_FILES) {
    sum.update(`${name}.json ${createHash('sha256').update(bytes).digest('hex')}\n`);
  }
  expect(JSON_FILES).toHaveLength(318);
  expect(sum.digest('hex')).toBe(SUM);
});

test.each(mutations)('as the body of $path', async (procedure) => {
  const token = await tokenFor(procedure);
  const wrong = await wrongAnswers(
    ({ bytes }) => post(`/trpc/${procedure.path}`, token, bytes),
    procedure.input !== null,
  );
  expect(wrong).toEqual([]);
});

test('as the body of a query, which is no POST', async () => {
  const token = await tokenFor({ path: 'user.me' });
  expect(await wrongAnswers(({ bytes }) => post('/trpc/user.me', token, bytes))).toEqual([]);
});

test.each([
  ['the users', mutations.filter(({ path }) => !path.startsWith('admin.'))],
  ['the operator', mutations.filter(({ path }) => path.startsWith('admin.'))],
])('as the whole body of a batch of the mutations of %s, and as the inputs of the calls in it', async (_, calls) => {
  const [first] = calls;
  if (first === undefined) throw new Error('there are no such mutations');
  const token = await tokenFor(first);
  const batch = (some: readonly Procedure[], body: Uint8Array) =>
    post(`/trpc/${some.map(({ path }) => path).join(',')}?batch=1`, token, body);
  expect(await wrongAnswers(({ bytes }) => batch(calls.slice(0, 3), bytes))).toEqual([]);
  let sent = 0;
  const wrong = await wrongAnswers((file) => {
    // Four at a time, others with each file; of the long ones, as often as a body may be long.
    const some = calls
      .map((__, n) => calls[(n + sent) % calls.length] ?? first)
      .slice(0, file.bytes.length > 10_000 ? 1 : 4);
    sent += 4;
    const inputs = some.map((__, n) => within(`${n === 0 ? '{' : ','}"${n}":{"json":`, file, '}'));
    return batch(some, Buffer.concat([...inputs, Buffer.from('}')]));
  });
  expect(wrong).toEqual([]);
});

test('as the input of a query, in the address', async () => {
  const token = await tokenFor({ path: 'user.me' });
  const wrong = await wrongAnswers(({ bytes }) => {
    const input = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    // What no address holds is refused by its length, before anything is read.
    const given = input.length > 64_000 ? input.slice(0, 63_999) : input;
    return world.send(`/trpc/rules.get?input=${given}`, { headers: { authorization: `Bearer ${token}` } });
  });
  expect(wrong).toEqual([]);
});

test('as a callback, and as the results in one', async () => {
  const path = `/jobs/${job.jobId}/callback`;
  expect(await wrongAnswers(({ bytes }) => post(path, job.token, bytes))).toEqual([]);
  expect(await wrongAnswers((file) => post(path, job.token, within('{"items":', file, '}')))).toEqual([]);
  expect(await wrongAnswers(({ bytes }) => post(path, 'no-token', bytes))).toEqual([]);
});

/** A frame that each socket answers if it lives: a subscription to a job that is not there. */
const PROBE = {
  id: 'probe',
  method: 'subscription',
  params: { path: 'jobs.watch', input: { json: { jobId: 'none' } } },
};

/** A frame carries the status that HTTP would have given it. */
function httpStatusOf(frame: string): number {
  const status = at(replyOf(0, {}, frame).json, 'error', 'json', 'data', 'httpStatus');
  return typeof status === 'number' ? status : 200;
}

test.each([
  ['as a frame of a watcher', '', ''],
  [
    'as the input of a subscription',
    '{"id":1,"method":"subscription","params":{"path":"jobs.watch","input":{"json":',
    '}}}',
  ],
])('%s', async (_, before, after) => {
  const wrong: string[] = [];
  const { token } = job.owner;
  const ticket = text(data(await world.query('jobs.get', { jobId: job.jobId }, { token })), 'ticket');
  const watch = async (file: JsonFile) => {
    const { socket } = await openSocket(
      world.production.port,
      `/trpc/watch/${job.jobId}?ticket=${encodeURIComponent(ticket)}`,
    );
    if (socket === null) throw new Error('the socket was refused');
    socket.send(within(before, file, after));
    socket.sendJson(PROBE);
    await socket.until(file.name, (seen) => seen.errorCodes().length > 0 || seen.closed !== null);
    for (const frame of socket.frames) {
      const found = undocumented(replyOf(httpStatusOf(frame), {}, frame));
      if (found !== null) wrong.push(`${file.name}: ${found}`);
    }
    const own = socket.frames.filter((frame) => !frame.includes(`"${PROBE.id}"`));
    if (file.name.startsWith('n_') && own.length === 0) wrong.push(`${file.name}: no answer, closed: ${socket.closed}`);
    socket.end();
  };
  const left = JSON_FILES.values();
  const watcher = async () => {
    for (const file of left) await watch(file);
  };
  await Promise.all(Array.from({ length: WATCHERS }, watcher));
  expect(wrong.slice(0, SHOWN)).toEqual([]);
});

test('after all that, the job is as it was and goes on, and nothing failed inside', async () => {
  expect((await world.send('/health')).status).toBe(200);
  const { token } = job.owner;
  const before = data(await world.query('jobs.get', { jobId: job.jobId }, { token }));
  expect(before).toMatchObject({ status: 'running', progress: { done: 0, failed: 0, total: 3 } });
  const reply = await world.jobs.report(job, { idx: 0, status: 'failed', error: 'too dark' });
  expect(reply.json).toMatchObject({ success: true, data: { items: [{ idx: 0, outcome: 'accepted' }] } });
  expect(world.logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
