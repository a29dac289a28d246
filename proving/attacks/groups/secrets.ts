/** Secrets and logs: what must never be told, and doors that only an operator may know of. */
import { globSync, readFileSync } from 'node:fs';
import { queueItem, queueMessage } from '../../../server/src/contract/gpu-message.ts';
import { fromRoot } from '../../../start/paths.ts';
import { at, type Reply } from '../../world/bundle/http.ts';
import { data, text, uniqueKey, type World } from '../../world/bundle/world.ts';
import { WORLD_NAMES } from '../../world/bundle/worlds.ts';
import { answers, Group, must } from '../attack.ts';

export const secrets = new Group('secrets');
export const NO_PROCEDURE = answers(404, 'NOT_FOUND', /no such procedure/);
const NONE = answers([]);

/** What a sign-up, where it is taken, and a dispatch leave behind. */
const ACCOUNTS = [/^d1\/(users|billing_events)\//, /^object\/user\//];

/** Shows every secret to a door that has no use for it, in all the places where a client might. */
async function showAll(world: World): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const secret of world.secrets.keys()) {
    const headers = { authorization: `Bearer ${secret}`, 'x-callback-secret': secret };
    replies.push(await world.send(`/nothing?token=${encodeURIComponent(secret)}`, { headers }));
  }
  return replies;
}

/** What workerd prints of a connection that broke the protocol, with its own stack. */
const OF_THE_RUNTIME = /^(Uncaught exception: kj\/|stack: )/;

/** Each line as what it says; not an object where it is none. */
function entryOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** What the attacks of a run planted and gathered: every secret, token, ticket and signature by its name. */
function mustHoldNone(world: World, texts: Iterable<string>, where: string): void {
  const kept = [...world.secrets];
  let looked = 0;
  for (const one of texts) {
    looked++;
    for (const [secret, what] of kept) must(!one.includes(secret), `${what} stands in ${where}: ${one.slice(0, 400)}`);
    must(!/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/.test(one), `a token stands in ${where}: ${one.slice(0, 400)}`);
    must(!/X-Amz-Signature=[0-9a-f]{64}/.test(one), `a signature stands in ${where}: ${one.slice(0, 400)}`);
  }
  must(looked > 0 && kept.length > 0, `there was nothing to look for in ${where}`);
}

for (const name of WORLD_NAMES) {
  const options = { world: name, last: true } as const;
  secrets.attack(
    `no canary in any log line (${name})`,
    answers(404),
    async (world) => {
      const replies = await showAll(world);
      mustHoldNone(world, world.logs, 'a log line');
      return replies;
    },
    options,
  );
  secrets.attack(
    `no canary in the body of any error (${name})`,
    answers(404),
    async (world) => {
      const replies = await showAll(world);
      mustHoldNone(world, world.errors, 'an error');
      return replies;
    },
    options,
  );
  secrets.attack(
    `no canary in any row of D1 or of an object (${name})`,
    answers([200, 400, 503]),
    async (world) => {
      // A key that does not tell its age opens the account at once: something is stored.
      const idempotencyKey = `${uniqueKey()}-${uniqueKey()}`;
      const given = { turnstileToken: 'good-for-a-row', idempotencyKey };
      const reply = await world.mutate('auth.anon', given, { ip: world.freshIp() });
      if (reply.status === 200) world.watch(text(data(reply), 'userId'));
      const rows = [...(await world.wholeSnapshot())].map(([path, row]) => `${path} ${row}`);
      mustHoldNone(world, rows, 'a row');
      return reply;
    },
    { ...options, changes: [...ACCOUNTS, /^user\//] },
  );
}
secrets.attack(
  'no canary in a message of the queue, which is a dispatch without what dispatch adds',
  NONE,
  async (world) => {
    const dispatches = world.gpu.dispatches;
    const fields = Object.keys(queueMessage.shape).sort().join();
    const itemFields = Object.keys(queueItem.shape).sort().join();
    const messages = dispatches.map(({ callback_token: _t, callback_secret: _s, items, ...message }) => ({
      ...message,
      items: items.map(
        ({ input_url: _i, output_url: _o, preview_url: _p, mask_urls: _m, instances_url: _n, ...item }) => item,
      ),
    }));
    for (const message of messages) {
      must(
        Object.keys(message).sort().join() === fields,
        `a message has the fields ${Object.keys(message).sort().join()}`,
      );
      for (const item of message.items)
        must(Object.keys(item).sort().join() === itemFields, 'an item has other fields');
    }
    mustHoldNone(
      world,
      messages.map((message) => JSON.stringify(message)),
      'a message',
    );
    return [];
  },
  { last: true },
);
secrets.attack(
  "the provider's key goes to the provider alone",
  NONE,
  async (world) => {
    const { heard, internal } = world.gpu;
    must(
      heard.length > 0 &&
        heard.every(({ headers }) => headers.authorization === `Bearer ${world.setting('GPU_API_KEY')}`),
      'a dispatch came without its key',
    );
    must(internal.length === 0, 'the internal address was reached');
    const others = ['JWT_SECRET', 'GPU_CALLBACK_SECRET', 'ADMIN_SECRET', 'R2_SECRET_ACCESS_KEY'].map((name) =>
      world.setting(name),
    );
    for (const { body, headers } of heard) {
      const all = `${body} ${JSON.stringify(headers)}`;
      for (const secret of others) must(!all.includes(secret), 'a dispatch holds a secret of the service');
    }
    return [];
  },
  { last: true },
);

secrets.attack(
  'text that would forge a log line: each line stays one object',
  answers([400, 401, 404]),
  async (world) => {
    const before = world.logs.length;
    const forged = '%0a{"level":"info","event":"forged"}%0d%0a%1b[2J';
    const replies = [
      await world.send(`/jobs/${forged}`),
      await world.send(`/trpc/${forged}`),
      await world.send(`/trpc/watch/${forged}`),
      await world.query('jobs.get', { jobId: '\n{"level":"error","event":"forged"}' }, { token: world.attacker.token }),
    ];
    for (const line of world.logs.slice(before)) {
      const entry = entryOf(line);
      must(entry !== null, `a line is no JSON: ${line}`);
      must(
        at(entry, 'event') !== 'forged' && !line.includes('\n') && !line.includes('\u001b'),
        `a line was forged: ${line}`,
      );
    }
    return replies;
  },
);
secrets.attack('every log line is one JSON object with its level, event and time', answers(200), async (world) => {
  const reply = await world.query('user.me', undefined, { token: world.victim.token });
  for (const line of world.logs.filter((one) => !OF_THE_RUNTIME.test(one))) {
    const entry = entryOf(line);
    for (const field of ['level', 'event', 'at'])
      must(typeof at(entry, field) === 'string', `a line has no ${field}: ${line}`);
    if (at(entry, 'event') === 'request') must(/^req_/.test(text(entry, 'requestId')), `a request has no id: ${line}`);
  }
  must(world.logs.length > 10, 'nothing was logged');
  return reply;
});
secrets.attack(
  'session tokens, tickets and signatures in addresses are not logged',
  answers([401, 404, 405, 426]),
  async (world) => {
    const { token, jobs } = world.victim;
    const before = world.logs.length;
    const replies = [
      await world.send(`/trpc/user.me?token=${token}`),
      await world.send(`/trpc/watch/${jobs.running.jobId}?ticket=${token}`),
      await world.send(`/${token}`),
      await world.send(`/nothing?X-Amz-Signature=${'ab'.repeat(32)}`),
    ];
    mustHoldNone(world, world.logs.slice(before), 'a log line');
    return replies;
  },
);

secrets.attack('health tells nothing that a stranger could use', answers(200), async (world) => {
  const reply = await world.send('/health');
  for (const [secret, what] of world.secrets) must(!reply.body.includes(secret), `it shows ${what}`);
  must(
    !/https?:\/\/|usr_|account|bucket/i.test(reply.body.replace(/"bindings":\{[^}]*\}/, '')),
    `it says ${reply.body}`,
  );
  return reply;
});

secrets.attack('secrets are compared as digests, in constant time', NONE, async () => {
  const files = globSync('server/src/**/*.ts', { cwd: fromRoot() });
  const sources = files.map((file) => ({ file, source: readFileSync(fromRoot(file), 'utf8') }));
  const derive = sources.find(({ file }) => file.endsWith('security/derive.ts'))?.source ?? '';
  must(
    /timingSafeEqual\(hash\('sha256', a, 'buffer'\), hash\('sha256', b, 'buffer'\)\)/.test(derive),
    'sameText does not compare digests in constant time',
  );
  const named = /(?:adminSecret|callbackSecret|jwtSecret|signature|expected|bearer|token|secret)\w*/i;
  for (const { file, source } of sources) {
    for (const [, left = '', right = ''] of source.matchAll(/([\w.?[\]()]+)\s*[!=]==?\s*([\w.?[\]()'"]+)/g)) {
      const harmless = /^(null|undefined|true|false|0|''|""|'\w*'|-1)$/;
      if (harmless.test(left) || harmless.test(right) || /\.(length|kind|size)$|^typeof/.test(left)) continue;
      must(!(named.test(left) && named.test(right)), `${file} compares ${left} with ${right}`);
    }
  }
  return [];
});
secrets.attack('the bundle holds no panel, no source path, no secret and no test code', NONE, async (world) => {
  const { code, metafile } = world.production.bundle;
  must(!/panel-procedures|sourceMappingURL=data/.test(code), 'the panel or a source map is in the bundle');
  mustHoldNone(world, [code], 'the bundle');
  const foreign = Object.keys(metafile.inputs).filter((file) =>
    /(^|\/)(panel|test|proving|start|checks|examples)\//.test(file.replace(/^.*node_modules\//, '')),
  );
  must(foreign.length === 0, `it holds ${foreign.join(', ')}`);
  must(!code.includes(fromRoot()), 'it names folders of the machine that built it');
  return [];
});
secrets.attack(
  'a fault inside is masked: no stack, no SQL, no text of its own',
  answers([400, 404, 409, 503]),
  async (world) => {
    const faults = await Promise.all([
      world.query('jobs.list', { cursor: '0.\u007f', limit: 1 }, { token: world.attacker.token }),
      world.query('user.ledger', { cursor: 'zzzzzzzzzzz.x' }, { token: world.attacker.token }),
    ]);
    const shown = faults.filter(({ status }) => status >= 400);
    for (const { body } of faults) must(!/INTERNAL_ERROR|sqlite|D1_/i.test(body), `it says ${body.slice(0, 300)}`);
    return shown;
  },
);
