/** Mistakes with how watching ends. */
import { server, type Weakness } from './weakness.ts';

const DOOR = server('doors/watch');
const WATCHERS = server('durable-objects/job-coordinator/watchers');

export const WATCHING: Weakness[] = [
  {
    name: 'a ticket of a revoked session still opens a socket',
    changes: [
      {
        file: DOOR,
        find: '  if (bearer.sessionFrom < (epoch ?? 0)) return refused(sessionRevoked().refusal);\n',
        replace: '',
      },
      {
        file: WATCHERS,
        find: 'if (sessionFrom < (job.sessionEpoch ?? 0)) return sessionRevoked();',
        replace: '',
      },
    ],
    catches: ['network: an upgrade with a ticket of a session that was revoked since'],
  },
  {
    name: 'a revocation leaves open what is open',
    changes: [
      {
        file: server('durable-objects/job-coordinator/inside-calls'),
        find: '    this.#ports.watchers.endSessions(epoch);\n',
        replace: '',
      },
    ],
    catches: ['network: a socket that goes on watching after its session was revoked'],
    got: /it is closed: not within/,
  },
  {
    name: "a client's close is not answered",
    changes: [
      {
        file: WATCHERS,
        find: '    line.close(code, reason);\n',
        replace: '    if (code === 1006) line.close(code, reason);\n',
      },
    ],
    catches: ['network: closing and opening over and over, to have more sockets than a job may have'],
    got: /its close is answered, and it is cut: not within/,
  },
  {
    name: 'sockets that are closing do not count',
    changes: [
      {
        file: WATCHERS,
        find: '    if (this.#lines.count >= sockets) {',
        replace: '    if (this.#lines.open().length >= sockets) {',
      },
    ],
    catches: ['network: never answering a close, to have more sockets than a job may have'],
    got: /more sockets than may be were admitted/,
  },
  {
    name: 'who says what is no message is told so, and stays',
    changes: [
      {
        file: server('durable-objects/job-coordinator/lines'),
        find: '    this.close(line, code, refusal.message);\n',
        replace: '',
      },
    ],
    catches: ['network: speaking on after the server has closed'],
    got: /it is closed: not within/,
  },
  {
    name: 'a proxy keeps back the parts of a message',
    changes: [
      {
        file: 'proving/world/bundle/socket.ts',
        find: 'const bytes = Buffer.from(payload);',
        replace: "if (kind === 'more') return;\n    const bytes = Buffer.from(payload);",
      },
    ],
    catches: ['network: a message that never ends'],
    got: /it is cut: not within/,
  },
  {
    name: 'whoever holds a ticket opens as many sockets a minute as he likes',
    changes: [
      {
        file: DOOR,
        find: '  if (!(await env.MUTATION_LIMIT.limit({ key: `${userId}:watch` })).success) {',
        replace: "  if (!(await env.MUTATION_LIMIT.limit({ key: `${userId}:watch` })).success && userId === '') {",
      },
    ],
    catches: ['network: a hundred connections and more within a minute'],
    got: /it opens as many as it likes/,
  },
];
