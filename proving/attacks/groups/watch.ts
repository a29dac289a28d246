/** The door for watchers: upgrades that must not be admitted, and frames that must not be obeyed. Part of the network group. */
import { createHmac, hkdfSync } from 'node:crypto';
import type { Reply } from '../../world/bundle/http.ts';
import type { Job } from '../../world/bundle/jobs.ts';
import { openSocket, type RawSocket } from '../../world/bundle/socket.ts';
import { data, text, type User, type World } from '../../world/bundle/world.ts';
import { passes } from '../../world/clock.ts';
import { answers, must } from '../attack.ts';
import { network } from './network.ts';

const REFUSED = answers(401, 'AUTH_REQUIRED');
const target = (world: World): string => world.victim.jobs.running.jobId;

async function ticketFor(world: World, user: User, jobId: string): Promise<string> {
  const ticket = text(data(await world.query('jobs.get', { jobId }, { token: user.token })), 'ticket');
  world.keepSecret('a watch ticket', ticket);
  return ticket;
}

const upgrade = async (
  world: World,
  jobId: string,
  query: string,
  headers?: Record<string, string>,
): Promise<Reply> => {
  const { reply, socket } = await openSocket(world.production.port, `/trpc/watch/${jobId}${query}`, headers);
  socket?.end();
  return reply;
};

/** An upgrade to the victim's running job with each of these queries. */
function refusedUpgrades(
  name: string,
  queries: (world: World) => Promise<string[]> | string[],
  headers?: Record<string, string>,
): void {
  network.attack(name, REFUSED, async (world) => {
    const all = await queries(world);
    return Promise.all(all.map((query) => upgrade(world, target(world), query, headers)));
  });
}
refusedUpgrades('an upgrade without a ticket', () => [
  '',
  '?',
  '?ticket=',
  '?ticket=..',
  '?ticket=a.b.c',
  '?connectionParams=1',
]);
refusedUpgrades("an upgrade with the victim's session token in the address", ({ victim }) => [
  `?ticket=${victim.token}`,
  `?token=${victim.token}`,
]);
refusedUpgrades("an upgrade with a ticket for the attacker's own job", async (world) => [
  `?ticket=${await ticketFor(world, world.attacker, world.attacker.job.jobId)}`,
]);
refusedUpgrades('an upgrade with a ticket that was altered: user, expiry, session, signature', async (world) => {
  const ticket = await ticketFor(world, world.victim, target(world));
  const [user = '', expiry = '', from = '', signature = ''] = ticket.split('.');
  const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
  return [
    `${world.attacker.userId}.${expiry}.${from}.${signature}`,
    `${user}.${Number(expiry) + 3600}.${from}.${signature}`,
    `${user}.${expiry}.${Number(from) + 1}.${signature}`,
    `${user}.${expiry}.${from}.${flipped}`,
    `${user}.${expiry}.${from}.`,
    `${user}.${expiry}.${signature}`,
    `${user}.${expiry}.${from}.${signature}.x`,
    `${user}.1e99.${from}.${signature}`,
    `.${expiry}.${from}.${signature}`,
    `__proto__.${expiry}.${from}.${signature}`,
  ].map((altered) => `?ticket=${encodeURIComponent(altered)}`);
});
refusedUpgrades('an upgrade with a ticket that was signed with the secret itself', (world) => {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const from = Date.now();
  const signed = `${target(world)}\n${world.victim.userId}\n${expires}\n${from}`;
  const secret = world.setting('JWT_SECRET');
  const otherPurpose = Buffer.from(hkdfSync('sha256', secret, '', 's3-workers/callback-token', 32));
  return [secret, otherPurpose].map((key) => {
    const signature = createHmac('sha256', key).update(signed).digest('base64url');
    return `?ticket=${world.victim.userId}.${expires}.${from}.${signature}`;
  });
});
network.staged(
  'an upgrade with a ticket that is too old',
  REFUSED,
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 1);
    const ticket = await ticketFor(world, owner, job.jobId);
    await passes(2100);
    return () => upgrade(world, job.jobId, `?ticket=${ticket}`);
  },
  { world: 'short', changes: [/^job\//] },
);
network.attack('an upgrade from a foreign origin, with a good ticket', REFUSED, async (world) => {
  const query = `?ticket=${await ticketFor(world, world.victim, target(world))}`;
  const origins = [
    'https://evil.test',
    'null',
    'https://app.test.evil.test',
    'http://app.test',
    'https://app.test:8443',
    'file://',
    'https://APP.test.',
  ];
  return Promise.all(origins.map((Origin) => upgrade(world, target(world), query, { Origin })));
});
network.attack('a ticket on a job id that the server did not mint', answers([401, 404]), async (world) => {
  const query = `?ticket=${await ticketFor(world, world.victim, target(world))}`;
  return Promise.all(
    ['0'.repeat(64), '__proto__', 'constructor', target(world).slice(1)].map((id) => upgrade(world, id, query)),
  );
});
network.attack('a ticket without an upgrade, and by other methods', answers([400, 404, 405, 426]), async (world) => {
  const path = `/trpc/watch/${target(world)}?ticket=${await ticketFor(world, world.victim, target(world))}`;
  const { token } = world.victim;
  return Promise.all([
    world.send(path),
    ...['POST', 'PUT', 'DELETE'].map((method) =>
      world.send(path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{}',
      }),
    ),
  ]);
});

/** A watcher of a job of its own, who then misbehaves. */
function misbehaving(name: string, act: (socket: RawSocket, job: Job, world: World) => Promise<void>): void {
  network.staged(name, answers(101), async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 1);
    const ticket = await ticketFor(world, owner, job.jobId);
    return async () => {
      const { reply, socket } = await openSocket(world.production.port, `/trpc/watch/${job.jobId}?ticket=${ticket}`);
      must(socket !== null, `its own upgrade answered ${reply.status} ${reply.body}`);
      try {
        await act(socket, job, world);
      } finally {
        socket.end();
      }
      return reply;
    };
  });
}
const refused = (socket: RawSocket): boolean => socket.closed !== null || socket.errorCodes().length > 0;

misbehaving("a subscription to another user's job, which looks like one to none", async (socket, _, world) => {
  socket.subscribe(target(world), 1);
  socket.subscribe('ab'.repeat(32), 2);
  await socket.until('both are refused', ({ frames }) => frames.length >= 2);
  must(socket.errorCodes().join() === 'JOB_NOT_FOUND,JOB_NOT_FOUND', `it said ${socket.frames.join(' ')}`);
  const [first, second] = socket.frames.map((frame) => frame.replace(/"id":\d/, '"id"'));
  must(first === second, `foreign says ${first}, absent ${second}`);
});
misbehaving('queries, mutations and other paths over a socket', async (socket, job) => {
  const paths = ['jobs.cancel', 'auth.revoke', 'admin.health', '__proto__', 'constructor', 'jobs.watch.__proto__'];
  for (const [id, path] of paths.entries()) {
    const method = id % 2 === 0 ? 'mutation' : 'subscription';
    socket.sendJson({ id, method, params: { path, input: { json: { jobId: job.jobId } } } });
  }
  await socket.until('all are refused', ({ frames, closed }) => closed !== null || frames.length >= paths.length);
  must(
    socket.errorCodes().length === paths.length && socket.errorCodes().every((code) => code === 'NOT_FOUND'),
    `it said ${socket.frames.join(' ')}`,
  );
});
for (const [what, frame] of [
  ['that is no JSON', '{'],
  ['100 deep', `${'['.repeat(100)}${']'.repeat(100)}`],
  ['of eleven messages', JSON.stringify(Array.from({ length: 11 }, (_, id) => ({ id, method: 'subscription.stop' })))],
  ['without an id', JSON.stringify({ method: 'subscription', params: { path: 'jobs.watch', input: {} } })],
  [
    'with an id that is an object',
    JSON.stringify({ id: { a: 1 }, method: 'subscription', params: { path: 'jobs.watch' } }),
  ],
  ['with an id of 100 characters', JSON.stringify({ id: 'x'.repeat(100), method: 'subscription.stop' })],
  ['of __proto__', '{"__proto__":{"id":1,"method":"subscription"}}'],
] as const) {
  misbehaving(`a frame ${what}`, async (socket) => {
    socket.send(frame);
    await socket.until('it is refused', refused);
  });
}
misbehaving('a frame of bytes', async (socket) => {
  socket.send(Buffer.from([0, 1, 2, 255]), 'binary');
  await socket.until('it is refused', refused);
});
misbehaving('a frame that is not masked', async (socket) => {
  socket.send('{}', 'text', false);
  await socket.until('it is closed', ({ closed }) => closed !== null);
});
for (const size of [4097, 1_100_000]) {
  misbehaving(`a frame of ${size.toLocaleString('en-US')} bytes`, async (socket) => {
    socket.send('x'.repeat(size));
    await socket.until('it is refused', refused);
  });
}
misbehaving('a fifth subscription, and one under an id in use', async (socket, job) => {
  for (const id of [1, 2, 3, 4, 5, 1]) socket.subscribe(job.jobId, id);
  await socket.until('two are refused', () => socket.errorCodes().length >= 2);
});
misbehaving('resuming behind events that never were', async (socket, job) => {
  const ids = ['999999999', '-1', '1e9', '0.999', '__proto__', '1; DROP TABLE event'];
  for (const [id, lastEventId] of ids.slice(0, 4).entries()) socket.subscribe(job.jobId, id, { lastEventId });
  await socket.until('each is answered', ({ frames }) => new Set(frames.map((frame) => frame.slice(0, 8))).size >= 3);
  must(!socket.frames.some((frame) => frame.includes('INTERNAL_ERROR')), `it said ${socket.frames.join(' ')}`);
});
network.staged('more sockets than a job may have', answers([101, 429], [null, 'RATE_LIMITED']), async (world) => {
  const owner = await world.signUp();
  const job = await world.jobs.created(owner, 1);
  const ticket = await ticketFor(world, owner, job.jobId);
  return async () => {
    const opened = await Promise.all(
      Array.from({ length: 25 }, () => openSocket(world.production.port, `/trpc/watch/${job.jobId}?ticket=${ticket}`)),
    );
    for (const { socket } of opened) socket?.end();
    const admitted = opened.filter(({ socket }) => socket !== null).length;
    must(admitted === 20, `${admitted} sockets were admitted`);
    return opened.map(({ reply }) => reply);
  };
});
network.staged(
  'a socket that subscribes to nothing',
  answers(101),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 1);
    return async () => {
      // Tickets are good for a second here: it is taken where it is used.
      const ticket = await ticketFor(world, owner, job.jobId);
      const { reply, socket } = await openSocket(world.production.port, `/trpc/watch/${job.jobId}?ticket=${ticket}`);
      must(socket !== null, `its own upgrade answered ${reply.status}`);
      await socket.until('it is closed', ({ closed }) => closed !== null);
      socket.end();
      return reply;
    };
  },
  { world: 'short', changes: [/^job\//] },
);
