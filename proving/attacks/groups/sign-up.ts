/** Sign-up and cost: nobody collects free credits by the hundred, spends what he has not, or runs up a bill. */

import { at, type Reply } from '../../world/bundle/http.ts';
import { CHOICE } from '../../world/bundle/jobs.ts';
import { data, text, uniqueKey, type World } from '../../world/bundle/world.ts';
import { passes } from '../../world/clock.ts';
import { answers, Group, must } from '../attack.ts';

export const signUp = new Group('sign-up');
const INVALID = answers(400, 'VALIDATION_ERROR');
const SOME_LIMITED = answers([200, 429], [null, 'RATE_LIMITED']);
/** What a sign-up that is taken leaves behind. */
const ACCOUNTS = [/^d1\/(users|billing_events)\//, /^object\/user\//];
/** Sign-ups of one address in a minute that wrangler.toml allows, in the two minutes that a run may touch. */
const MOST_IN_A_RUN = 20;

export const credits = async (world: World, token: string, kind = 'granted'): Promise<unknown> =>
  at(data(await world.query('user.me', undefined, { token })), 'credits', kind);

/** A sign-up that opens its account, since its key does not tell its age. */
export const opened = (world: World, input: object = {}, ip = world.freshIp()): Promise<Reply> =>
  world.mutate('auth.anon', { idempotencyKey: uniqueKey(), ...input }, { ip });

/** Sign-ups, a few at a time, with how many were taken. */
async function farm(count: number, send: (n: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let n = 0; n < count; n += 25) {
    replies.push(...(await Promise.all(Array.from({ length: Math.min(25, count - n) }, (_, m) => send(n + m)))));
    const taken = replies.filter(({ status }) => status === 200).length;
    must(taken > 0, 'not even the first sign-up was taken');
    must(taken <= MOST_IN_A_RUN, `${taken} of ${replies.length} sign-ups were taken`);
  }
  return replies;
}

signUp.attack(
  '1,000 sign-ups from one IP',
  SOME_LIMITED,
  (world) => farm(1000, () => world.mutate('auth.anon', {}, { ip: '203.0.113.7' })),
  { world: 'strict' },
);
signUp.attack(
  '1,000 sign-ups from one IPv6 /64, each from another address',
  SOME_LIMITED,
  (world) =>
    farm(1000, (n) =>
      world.mutate('auth.anon', {}, { ip: `2001:db8:1:2:${(n * 7919).toString(16).slice(-4)}::${n.toString(16)}` }),
    ),
  { world: 'strict' },
);
signUp.attack(
  'sign-ups under forged X-Forwarded-For, X-Real-IP and True-Client-IP',
  SOME_LIMITED,
  (world) =>
    farm(100, (n) => {
      const forged = `192.0.2.${n % 250}`;
      const headers = {
        'x-forwarded-for': forged,
        'x-real-ip': forged,
        'true-client-ip': forged,
        forwarded: `for=${forged}`,
      };
      return world.mutate('auth.anon', {}, { ip: '203.0.113.8', headers });
    }),
  { world: 'strict' },
);
signUp.attack(
  'a batch of 20 sign-ups counts as 20',
  answers([200, 207, 429]),
  async (world) => {
    const paths = Array.from({ length: 20 }, () => 'auth.anon').join(',');
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, {}])));
    const headers = { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.9' };
    const replies = await Promise.all(
      Array.from({ length: 3 }, () => world.send(`/trpc/${paths}?batch=1`, { method: 'POST', headers, body })),
    );
    const taken = replies
      .flatMap(({ json }) => (Array.isArray(json) ? json : []))
      .filter((one) => at(one, 'result') !== undefined);
    must(taken.length > 0 && taken.length <= MOST_IN_A_RUN, `${taken.length} of 60 were taken`);
    return replies;
  },
  { world: 'strict' },
);
signUp.attack(
  'mutations beyond the limit of a user, one by one and in batches',
  answers([200, 207, 400, 404, 429]),
  async (world) => {
    const { token } = await world.signUp();
    const calls = Array.from({ length: 10 }, () => 'rules.delete').join(',');
    const body = JSON.stringify(
      Object.fromEntries(Array.from({ length: 10 }, (_, n) => [n, { json: { id: 'rul_none' } }])),
    );
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const replies: Reply[] = [];
    for (let n = 0; n < 60; n++)
      replies.push(await world.send(`/trpc/${calls}?batch=1`, { method: 'POST', headers, body }));
    const limited = replies.filter((reply) => reply.body.includes('RATE_LIMITED')).length;
    must(limited >= 20, `${limited} of 60 batches met a limit`);
    return [...replies, await world.mutate('rules.delete', { id: 'rul_none' }, { token })];
  },
  { world: 'strict', changes: [...ACCOUNTS, /^user\//] },
);

signUp.attack(
  'a device that signs up again gets a new account without credits',
  answers(200),
  async (world) => {
    const deviceHash = `device-${uniqueKey()}`;
    const first = await world.signUp({ deviceHash });
    const replies: Reply[] = [];
    for (let n = 0; n < 3; n++) {
      const reply = await opened(world, { deviceHash });
      const again = data(reply);
      must(text(again, 'userId') !== first.userId, 'a device hash opens an existing account');
      must((await credits(world, text(again, 'token'))) === 0, 'it was granted credits again');
      replies.push(reply);
    }
    must((await credits(world, first.token)) === 10, 'the first account has not its ten credits');
    return replies;
  },
  { changes: [...ACCOUNTS, /^user\//] },
);
signUp.attack(
  'twenty sign-ups of one device at once: ten credits in all',
  answers(200),
  async (world) => {
    const deviceHash = `device-${uniqueKey()}`;
    const replies = await Promise.all(Array.from({ length: 20 }, () => opened(world, { deviceHash })));
    const granted = await Promise.all(replies.map((reply) => credits(world, text(data(reply), 'token'))));
    const sum = granted.reduce<number>((all, one) => all + Number(one), 0);
    must(sum === 10, `they were granted ${sum}`);
    return replies;
  },
  { changes: ACCOUNTS },
);
signUp.attack(
  'one sign-up key fifty times at once: one user, ten credits',
  answers(200),
  async (world) => {
    const idempotencyKey = `${uniqueKey()}-${uniqueKey()}`;
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.mutate('auth.anon', { idempotencyKey }, { ip: world.freshIp() })),
    );
    const users = new Set(replies.map((reply) => text(data(reply), 'userId')));
    must(users.size === 1, `${users.size} users were opened`);
    must((await credits(world, text(data(replies[0] ?? fail()), 'token'))) === 10, 'it was granted more than once');
    return replies;
  },
  { changes: ACCOUNTS },
);
const fail = (): never => {
  throw new Error('no reply');
};
signUp.staged(
  'a sign-up key long after its day',
  answers(409, 'IDEMPOTENCY_CONFLICT'),
  async (world) => {
    const idempotencyKey = `${uniqueKey()}-${uniqueKey()}`;
    await world.signUp({ idempotencyKey });
    await passes(700);
    return () => world.mutate('auth.anon', { idempotencyKey }, { ip: world.freshIp() });
  },
  { world: 'short' },
);
signUp.attack('sign-up keys that can be guessed', INVALID, (world) =>
  Promise.all(
    ['', 'short', 'x'.repeat(31), 'x'.repeat(129), `${'x'.repeat(31)}\n`, `${'é'.repeat(40)}`, 12345, {}].map(
      (idempotencyKey) => world.mutate('auth.anon', { idempotencyKey }, { ip: world.freshIp() }),
    ),
  ),
);
signUp.attack('device hashes beyond their limits', INVALID, (world) =>
  Promise.all(
    ['', 'x'.repeat(129), 'x'.repeat(100_000), { $ne: '' }, ['a'], 7].map((deviceHash) =>
      world.mutate('auth.anon', { deviceHash }, { ip: world.freshIp() }),
    ),
  ),
);
signUp.attack(
  'a sign-up that asks for a plan, credits or a user id',
  answers([200, 400], [null, 'VALIDATION_ERROR']),
  async (world) => {
    const wish = { plan: 'pro', credits: 1_000_000, balance: 1_000_000, userId: world.victim.userId, isAdmin: true };
    const reply = await opened(world, wish);
    if (reply.status !== 200) return reply;
    const { token } = data(reply) as { token: string };
    const me = data(await world.query('user.me', undefined, { token }));
    must(at(me, 'plan') === 'free' && at(me, 'credits', 'granted') === 10, `it became ${JSON.stringify(me)}`);
    must(at(me, 'userId') !== world.victim.userId, "it became the victim's account");
    return reply;
  },
  { changes: ACCOUNTS },
);

signUp.staged(
  'sign-ups beyond the daily ceiling of credits are taken and get none',
  answers(200),
  async (world) => () => {
    return Promise.all(Array.from({ length: 8 }, () => opened(world))).then(async (replies) => {
      const granted = await Promise.all(replies.map((reply) => credits(world, text(data(reply), 'token'))));
      const sum = granted.reduce<number>((all, one) => all + Number(one), 0);
      must(granted.includes(0), `all were granted: ${granted.join()}`);
      must(sum <= 30, `they were granted ${sum} on a day of 30`);
      return replies;
    });
  },
  { world: 'ceilings', changes: ACCOUNTS },
);
signUp.staged(
  'a dispatch beyond the daily ceiling of photos',
  answers(429, 'CEILING_REACHED'),
  async (world) => {
    const [first, second] = [await world.signUpPro(), await world.signUpPro()];
    await world.jobs.running(first, 2);
    const job = await world.jobs.uploaded(second, 2);
    return () => world.mutate('jobs.execute', { jobId: job.jobId, ...CHOICE }, { token: second.token });
  },
  { world: 'ceilings', changes: [/^object\/user\//] },
);

/** An address that has had its burst: from there on its sign-ups need a Turnstile token. */
async function beyondBurst(world: World): Promise<string> {
  const ip = world.freshIp();
  data(await world.mutate('auth.anon', {}, { ip }));
  return ip;
}
for (const [what, input] of [
  ['without a Turnstile token', {}],
  ['with a Turnstile token that is wrong', { turnstileToken: 'wrong' }],
] as const) {
  signUp.staged(
    `a sign-up ${what}, beyond the burst of its address`,
    INVALID,
    async (world) => {
      const ip = await beyondBurst(world);
      return () => world.mutate('auth.anon', { idempotencyKey: uniqueKey(), ...input }, { ip });
    },
    { world: 'turnstile' },
  );
}
signUp.staged(
  'a Turnstile token that was used before, for another sign-up',
  INVALID,
  async (world) => {
    const ip = await beyondBurst(world);
    data(await world.mutate('auth.anon', { turnstileToken: 'good-once' }, { ip }));
    return () => world.mutate('auth.anon', { turnstileToken: 'good-once' }, { ip });
  },
  { world: 'turnstile' },
);
for (const trouble of ['down', 'redirect', 'no-json', 'no-verdict'] as const) {
  signUp.staged(
    `a sign-up while Turnstile is in trouble: ${trouble}`,
    answers(503, 'SERVICE_UNAVAILABLE'),
    async (world) => {
      const ip = await beyondBurst(world);
      return () => world.mutate('auth.anon', { idempotencyKey: uniqueKey(), turnstileToken: trouble }, { ip });
    },
    { world: 'turnstile' },
  );
}
