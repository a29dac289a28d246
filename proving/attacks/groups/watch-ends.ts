/** How watching ends: tickets and sockets of a session that was revoked, closes that are not answered, messages that never end. */

import { type Opened, openSocket, type RawSocket } from '../../world/bundle/socket.ts';
import { data, text, type User, type World } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { network } from './network.ts';

/** Sockets that a job may have. */
const CAP = 20;
/** Bytes of a message that the platform holds before it refuses it, and of one part of it here. */
const MOST = 32 << 20;
const PART = 1 << 20;

type Watched = { owner: User; jobId: string; ticket: string };

async function ticketOf(world: World, { token }: User, jobId: string): Promise<string> {
  const ticket = text(data(await world.query('jobs.get', { jobId }, { token })), 'ticket');
  world.keepSecret('a watch ticket', ticket);
  return ticket;
}

async function watched(world: World): Promise<Watched> {
  const owner = await world.signUp();
  const { jobId } = await world.jobs.created(owner, 1);
  return { owner, jobId, ticket: await ticketOf(world, owner, jobId) };
}

const open = (world: World, { jobId, ticket }: Watched): Promise<Opened> =>
  openSocket(world.production.port, `/trpc/watch/${jobId}?ticket=${ticket}`);

async function opened(world: World, at: Watched): Promise<RawSocket> {
  const { reply, socket } = await open(world, at);
  must(socket !== null, `its own upgrade answered ${reply.status} ${reply.body}`);
  return socket;
}

const many = (world: World, at: Watched, count: number): Promise<Opened[]> =>
  Promise.all(Array.from({ length: count }, () => open(world, at)));

const revoke = (world: World, { owner }: Watched) => world.mutate('auth.revoke', undefined, { token: owner.token });

network.staged(
  'an upgrade with a ticket of a session that was revoked since',
  answers(401, 'TOKEN_INVALID'),
  async (world) => {
    const at = await watched(world);
    world.keepSecret('a session token', text(data(await revoke(world, at)), 'token'));
    return async () => (await open(world, at)).reply;
  },
);

network.staged(
  'a socket that goes on watching after its session was revoked',
  answers(200),
  async (world) => {
    const at = await watched(world);
    return async () => {
      const sockets = [await opened(world, at), await opened(world, at)];
      // One has a subscription, the other would take one when nobody looks any more.
      sockets[0]?.subscribe(at.jobId);
      await sockets[0]?.until('it is told how the job stands', ({ frames }) => frames.length >= 2);
      const reply = await revoke(world, at);
      for (const socket of sockets) {
        await socket.until('it is closed', ({ closed }) => closed !== null);
        must(socket.errorCodes().includes('TOKEN_INVALID'), `it said ${socket.frames.join(' ')}`);
        socket.end();
      }
      return reply;
    };
  },
  { changes: [/^user\//, /^job\//] },
);

network.staged(
  'closing and opening over and over, to have more sockets than a job may have',
  answers(101),
  async (world) => {
    const at = await watched(world);
    return async () => {
      const all: RawSocket[] = [];
      for (let round = 0; round < 3; round++) {
        const sockets = (await many(world, at, CAP)).flatMap(({ socket }) => socket ?? []);
        must(sockets.length === CAP, `${sockets.length} sockets were admitted in round ${round}`);
        for (const socket of sockets) socket.close(1000);
        for (const socket of sockets) await socket.until('its close is answered, and it is cut', ({ cut }) => cut);
        must(
          sockets.every(({ closed }) => closed === 1000),
          `closed with ${sockets.map(({ closed }) => closed).join()}`,
        );
        all.push(...sockets);
      }
      must(
        all.every(({ cut }) => cut),
        'halves of sockets are left',
      );
      const { reply, socket } = await open(world, at);
      socket?.end();
      return reply;
    };
  },
);

network.staged(
  'never answering a close, to have more sockets than a job may have',
  answers([429, 101], [null, 'RATE_LIMITED']),
  async (world) => {
    const owner = await world.signUp();
    const { jobId } = await world.jobs.created(owner, 1);
    const here = async (): Promise<Watched> => ({ owner, jobId, ticket: await ticketOf(world, owner, jobId) });
    return async () => {
      const first = (await many(world, await here(), CAP)).flatMap(({ socket }) => socket ?? []);
      must(first.length === CAP, `${first.length} sockets were admitted`);
      for (const socket of first) socket.send('{');
      for (const socket of first) await socket.until('it is closed', ({ closed }) => closed !== null);
      must(!first.some(({ cut }) => cut), 'a socket is gone that was to stay half open');
      const second = await many(world, await here(), CAP);
      must(
        second.every(({ socket }) => socket === null),
        'more sockets than may be were admitted',
      );
      for (const socket of first) await socket.until('it is let go of', ({ cut }) => cut);
      const { reply, socket } = await open(world, await here());
      must(socket !== null, 'those that never answer keep the places of others');
      socket.end();
      return [...second.map((one) => one.reply), reply];
    };
  },
  { world: 'short', changes: [/^job\//] },
);

network.staged(
  'speaking on after the server has closed',
  answers(101),
  async (world) => {
    const at = await watched(world);
    return async () => {
      const { reply, socket } = await open(world, at);
      must(socket !== null, `its own upgrade answered ${reply.status}`);
      socket.send('{');
      await socket.until('it is closed', ({ closed }) => closed !== null);
      const { length } = socket.frames;
      socket.subscribe(at.jobId);
      data(await world.query('jobs.get', { jobId: at.jobId }, { token: at.owner.token }));
      must(socket.frames.length === length, `it was told ${socket.frames.slice(length).join(' ')}`);
      socket.end();
      return reply;
    };
  },
  { changes: [/^job\//] },
);

network.staged(
  'a message that never ends',
  answers(101),
  async (world) => {
    const at = await watched(world);
    return async () => {
      const { reply, socket } = await open(world, at);
      must(socket !== null, `its own upgrade answered ${reply.status}`);
      const part = Buffer.alloc(PART);
      for (let sent = 0; sent < 2 * MOST && !socket.cut; sent += PART) {
        socket.send(part, sent === 0 ? 'binary' : 'more', true, false);
        await socket.drained();
      }
      await socket.until('it is cut', ({ cut }) => cut);
      return reply;
    };
  },
  { long: true },
);

network.staged(
  'a hundred connections and more within a minute',
  answers([101, 429], [null, 'RATE_LIMITED']),
  async (world) => {
    const at = await watched(world);
    return async () => {
      const replies = [];
      for (let n = 0; n < 130; n++) {
        const { reply, socket } = await open(world, at);
        socket?.close(1000);
        replies.push(reply);
      }
      must(replies.at(-1)?.status === 429, 'it opens as many as it likes');
      must(replies.filter(({ status }) => status === 101).length <= 120, 'more than 120 were opened');
      return replies;
    };
  },
  { world: 'strict' },
);
