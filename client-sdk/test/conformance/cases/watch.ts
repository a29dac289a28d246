/** Live progress, at the level of its frames: what every watcher is told, once and in order. */
import type { Case, Env } from '../env.ts';
import { equal, ok, within } from '../expect.ts';
import { dispatched, jpegs, newUser, OAK, type User } from '../steps.ts';

interface Frame {
  id: number | null;
  result?: {
    type: string;
    id?: string;
    data?: { json: { id: string; data: { type: string; [field: string]: unknown } } };
  };
  error?: { json: { data: { errorCode: string } } };
}

/** Opens a socket with a fresh ticket and subscribes; all frames until the server closes it, or until `enough`. */
async function watch(
  env: Env,
  { client }: User,
  jobId: string,
  {
    lastEventId,
    path = jobId,
    enough = () => false,
  }: { lastEventId?: string; path?: string; enough?(frames: Frame[]): boolean } = {},
): Promise<Frame[]> {
  const { ticket } = await client.jobs.get({ jobId });
  const { WebSocket } = env;
  ok(WebSocket, 'a WebSocket');
  const frames: Frame[] = [];
  const socket = new WebSocket(`${env.baseUrl.replace(/^http/, 'ws')}/trpc/watch/${path}?ticket=${ticket}`);
  const over = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
    socket.addEventListener('error', () => resolve());
    socket.addEventListener('message', ({ data }) => {
      if (data !== 'PONG') frames.push(JSON.parse(String(data)) as Frame);
      if (enough(frames)) resolve();
    });
  });
  socket.addEventListener('open', () => {
    // Locally a close by the server does not reach a client that never sent anything; one PING first cures it.
    socket.send('PING');
    const input = { json: { jobId } };
    socket.send(
      JSON.stringify({
        id: 1,
        method: 'subscription',
        params: { path: 'jobs.watch', input, ...(lastEventId && { lastEventId }) },
      }),
    );
  });
  await within(over, 'the end of the socket');
  socket.close();
  return frames;
}

type Told = { id: string | undefined; type: string; [field: string]: unknown };
const told = (frames: Frame[]): Told[] =>
  frames.flatMap(({ result }) => (result?.data === undefined ? [] : [{ id: result.id, ...result.data.json.data }]));
const types = (frames: Frame[]) => frames.map(({ result }) => result?.type ?? 'error');
const items = (frames: Frame[]) => told(frames).filter(({ type }) => type === 'item');

export const watchCases: Case[] = [
  {
    name: 'a watcher is told how the job stands, each photo once, and the end, and then the socket closes',
    needsWebSocket: true,
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 2);
      const watching = watch(env, user, jobId, {
        enough: (frames) => {
          const count = told(frames).length;
          if (count === 1) void env.control.done(jobId, 1);
          return types(frames).includes('stopped');
        },
      });
      await env.control.fail(jobId, 0, 'too dark');
      const frames = await watching;
      equal(types(frames)[0], 'started', 'the first frame');
      equal(told(frames)[0]?.type, 'progress', 'the first event');
      equal(
        items(frames)
          .map(({ idx }) => idx)
          .sort(),
        [0, 1],
        'photos',
      );
      const end = told(frames).at(-1);
      equal([end?.id, end?.type, end?.charged, end?.refunded], ['end', 'done', 1, 1], 'the last event');
      equal(types(frames).at(-1), 'stopped', 'the last frame');
    },
  },
  {
    name: 'who comes back with an event id is told what came after it, and nothing twice',
    needsWebSocket: true,
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 3);
      await env.control.done(jobId, 2);
      await env.control.done(jobId, 0);
      const first = await watch(env, user, jobId, { enough: (frames) => items(frames).length === 2 });
      equal(
        items(first).map(({ idx }) => idx),
        [2, 0],
        'photos in the order of their ends',
      );
      ok(typeof items(first)[0]?.resultUrl === 'string', 'a URL of the result');
      await env.control.fail(jobId, 1, 'blurred');
      const stopped = (frames: Frame[]) => types(frames).includes('stopped');
      const lastEventId = items(first)[0]?.id ?? '';
      const resumed = await watch(env, user, jobId, { lastEventId, enough: stopped });
      equal(
        items(resumed).map(({ idx }) => idx),
        [0, 1],
        'photos after the first one',
      );
      const over = await watch(env, user, jobId, { lastEventId: 'end', enough: stopped });
      equal(types(over), ['started', 'stopped'], 'frames after the end');
    },
  },
  {
    name: 'a ticket admits to its own job only',
    needsWebSocket: true,
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 1);
      equal(await watch(env, user, jobId, { path: 'f'.repeat(64) }), [], 'frames at the address of another job');
    },
  },
  {
    name: 'who watches with a session that is revoked is told so, and the socket closes',
    needsWebSocket: true,
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 1);
      let revoked: Promise<unknown> | undefined;
      const frames = await watch(env, user, jobId, {
        enough: (seen) => {
          if (told(seen).length > 0) revoked ??= user.client.auth.revoke();
          return false;
        },
      });
      await revoked;
      const codes = frames.flatMap(({ id, error }) => (error === undefined ? [] : [[id, error.json.data.errorCode]]));
      const expected = [1, null].map((id) => [id, 'TOKEN_INVALID']);
      equal(codes, expected, 'what the watcher is told in the end');
    },
  },
  {
    name: 'one call runs an album to its end over live progress',
    needsWebSocket: true,
    async run(env) {
      const user = await newUser(env);
      const handle = user.client.jobs.start({ preset: 'interior', files: jpegs(2), concepts: OAK });
      const connections = new Set<string>();
      for await (const event of handle) {
        connections.add(handle.state.connection);
        if (event.type === 'progress' && event.status === 'running' && event.done + event.failed === 0) {
          const jobId = handle.id ?? '';
          void env.control.done(jobId, 0).then(() => env.control.fail(jobId, 1, 'too dark'));
        }
      }
      const { status, charged, items: photos } = await within(handle.result(), 'the result');
      equal([status, charged, photos.map((one) => one.status)], ['done', 1, ['done', 'failed']], 'the result');
      ok(connections.has('live'), `a live connection among ${[...connections].join(', ')}`);
    },
  },
];
