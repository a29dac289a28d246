/** Mistakes with origins, headers, sockets, and with whom the service itself calls. */
import { server, type Weakness } from './weakness.ts';

const INDEX = server('index');
const HEADERS = server('doors/headers');
const WATCH = server('doors/watch');
const WATCHERS = server('durable-objects/job-coordinator/watchers');
const FRAMES = server('wire/watch-frames');

const UNANSWERED = {
  file: WATCHERS,
  find: "if (read.kind === 'malformed') {",
  replace: "if (read.kind === 'malformed') {\n      if (limit > 0) return;",
};

export const NETWORK: Weakness[] = [
  {
    name: 'every origin is on the list',
    changes: [
      {
        file: HEADERS,
        find: "allowed.includes('*') || allowed.includes(origin);",
        replace: "allowed.includes('*') || origin !== '';",
      },
    ],
    catches: [
      'network: CORS from https://*',
      'network: CORS from null',
      'network: CORS from http://app.test',
      'network: CORS from HTTPS://APP.TEST',
      'network: an upgrade from a foreign origin, with a good ticket',
    ],
  },
  {
    name: 'credentials are allowed to origins on the list',
    changes: [
      {
        file: HEADERS,
        find: "headers.set('access-control-expose-headers'",
        replace:
          "headers.set('access-control-allow-credentials', 'true');\n      headers.set('access-control-expose-headers'",
      },
    ],
    catches: ['network: CORS from the origin on the list, with credentials'],
  },
  {
    name: 'an answer says where it was asked from',
    changes: [{ file: HEADERS, find: "  'referrer-policy': 'no-referrer',\n", replace: '' }],
    catches: ['network: an answer without its security headers'],
  },
  {
    name: 'a request has the id that it brings',
    changes: [
      {
        file: INDEX,
        find: 'const requestId = `req_${crypto.randomUUID()}`;',
        replace: "const requestId = request.headers.get('x-request-id') ?? `req_${crypto.randomUUID()}`;",
      },
    ],
    catches: ["network: a request id of the client's own"],
  },
  {
    name: 'the provider may send us on',
    changes: [{ file: server('gpu/provider-call'), find: "redirect: 'manual',", replace: "redirect: 'follow'," }],
    catches: ['network: a provider that redirects to an internal address'],
    got: /the internal address was reached/,
  },
  {
    name: 'callbacks go to the host that was asked',
    changes: [
      { file: server('rpc/routers/jobs'), find: 'ctx.settings.publicBaseUrl ?? ctx.origin()', replace: 'ctx.origin()' },
    ],
    catches: ["network: a callback address from the request's Host"],
    got: /the worker is to call http:\/\/evil/,
  },
  {
    name: 'a preset may be fetched from an address',
    changes: [
      {
        file: server('rpc/routers/presets'),
        find: '.input(inputOf(presetGetInput))\n    .query(({ input }) =>',
        replace:
          '.input((raw: unknown) => raw as { id: never }).query(async ({ input }) => (/^http/.test(input.id) ? (await fetch(input.id)).json() : undefined) ??',
      },
    ],
    catches: ['network: addresses where texts belong: none is ever fetched'],
    got: /the internal address was reached/,
  },
  {
    name: 'the panel is served',
    changes: [
      {
        file: INDEX,
        find: "  if (address === '/health' && request.method === 'GET')",
        replace:
          "  if (pathname.startsWith('/panel')) return new Response('panel');\n  if (address === '/health' && request.method === 'GET')",
      },
    ],
    catches: ['network: files and tools that have no place in a deployment'],
  },
  {
    name: 'health is told by any method',
    changes: [
      {
        file: INDEX,
        find: "if (address === '/health' && request.method === 'GET')",
        replace: "if (address === '/health')",
      },
    ],
    catches: ['network: other methods and paths on health'],
  },
  {
    name: 'nobody needs a ticket, and a job is shown to everybody',
    changes: [
      {
        file: WATCH,
        find: "const bearer = checkTicket(searchParams.get('ticket') ?? '', jobId, Date.now(), settings);",
        replace: "const bearer = { userId: 'usr_nobody', sessionFrom: Date.now() };",
      },
      {
        file: server('durable-objects/job-coordinator/shell'),
        find: 'return job !== null && job.userId === userId && job.deletedAt',
        replace: 'return job !== null && userId !== "" && job.deletedAt',
      },
    ],
    catches: [
      'network: an upgrade without a ticket',
      'network: an upgrade with the victim*',
      'network: an upgrade with a ticket *',
    ],
  },
  {
    name: 'the signature of a ticket is not looked at',
    changes: [
      {
        file: server('security/ticket'),
        find: 'if (secret !== null && sameText(signature, sign(jobId, bearer, expires, secret))) return bearer;',
        replace: 'if (secret !== null) return bearer;',
      },
    ],
    catches: ['network: an upgrade with a ticket that was *'],
  },
  {
    name: 'a ticket is good for ever',
    changes: [
      { file: server('security/ticket'), find: ' || expires * 1000 < now) return null;', replace: ') return null;' },
    ],
    catches: ['network: an upgrade with a ticket that is too old'],
  },
  {
    name: 'a ticket opens any job, also one that there is not',
    changes: [
      { file: server('security/ticket'), find: '`${jobId}\\n${userId}', replace: '`${jobId.slice(0, 0)}\\n${userId}' },
      {
        file: WATCH,
        find: "return refused(refuse('JOB_NOT_FOUND', 'no such job', null).refusal);",
        replace: "return new Response('watching');",
      },
    ],
    catches: ['network: a ticket on a job id that the server did not mint'],
  },
  {
    name: 'a ticket is good without an upgrade',
    changes: [
      {
        file: WATCH,
        find: "if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {",
        replace:
          "if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {\n    if (checkTicket(searchParams.get('ticket') ?? '', jobId, Date.now(), settings) !== null) return new Response('watching');",
      },
    ],
    catches: ['network: a ticket without an upgrade, and by other methods'],
  },
  {
    name: 'a socket subscribes to its job, whichever it names',
    changes: [{ file: WATCHERS, find: 'job === null || input.data.jobId !== job.jobId', replace: 'job === null' }],
    catches: ["network: a subscription to another user's job, which looks like one to none"],
    got: /it said/,
  },
  {
    name: 'whatever a socket calls is its subscription',
    changes: [
      {
        file: server('wire/watch-frames'),
        find: 'if (path !== WATCH_PATH) return',
        replace: "if (path === '') return",
      },
    ],
    catches: ['network: queries, mutations and other paths over a socket'],
    got: /it said/,
  },
  {
    name: 'frames that are none, and frames of any size, are passed over',
    changes: [
      UNANSWERED,
      { file: FRAMES, find: "if (sizeOf(frame) > MAX_WATCH_FRAME) return { kind: 'too large' };", replace: '' },
    ],
    catches: [
      'network: a frame that is no JSON',
      'network: a frame 100 deep',
      'network: a frame of *',
      'network: a frame without an id',
      'network: a frame with an id *',
    ],
    got: /not within/,
  },
  {
    name: 'a proxy masks the frames that come unmasked',
    changes: [
      UNANSWERED,
      {
        file: 'proving/world/bundle/socket.ts',
        find: 'const bytes = Buffer.from(payload);',
        replace: 'const bytes = Buffer.from(masked ? payload : "[]");\n    masked = true;',
      },
    ],
    catches: ['network: a frame that is not masked'],
    got: /not within/,
  },
  {
    name: 'a socket has any number of subscriptions, and several under one id',
    changes: [
      { file: WATCHERS, find: 'const MAX_SUBSCRIPTIONS = 4;', replace: 'const MAX_SUBSCRIPTIONS = 400;' },
      { file: WATCHERS, find: "if (known) return invalid('id', 'is in use on this socket').refusal;", replace: '' },
    ],
    catches: ['network: a fifth subscription, and one under an id in use'],
    got: /not within/,
  },
  {
    name: 'a position that is none is not answered',
    changes: [
      {
        file: WATCHERS,
        find: 'const input = watchInput.safeParse(given);',
        replace: 'const input = { success: true as const, data: watchInput.parse(given), error: null as never };',
      },
    ],
    catches: ['network: resuming behind events that never were'],
    got: /not within/,
  },
  {
    name: 'a job has more watchers than it may',
    changes: [
      {
        file: WATCHERS,
        find: 'if (this.#lines.count >= sockets) {',
        replace: 'if (this.#lines.count > sockets + 3) {',
      },
    ],
    catches: ['network: more sockets than a job may have'],
    got: /sockets were admitted/,
  },
  {
    name: 'a socket may stay without a subscription',
    changes: [
      {
        file: server('durable-objects/job-coordinator/lines'),
        find: 'return Math.min(until, idleSince + this.#ports.limits().watch.idleMs);',
        replace: 'return Math.max(until, idleSince);',
      },
    ],
    catches: ['network: a socket that subscribes to nothing'],
    got: /not within/,
  },
];
