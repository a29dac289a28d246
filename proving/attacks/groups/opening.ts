/** Sign-up and cost, continued: a sign-up leaves nothing, and its account is opened once, within what its address may have. */
import { timedKey } from '../../../client-sdk/src/unique-key.ts';
import type { Reply } from '../../world/bundle/http.ts';
import { claims, hs256 } from '../../world/bundle/jwt.ts';
import { data, text, uniqueKey, type World } from '../../world/bundle/world.ts';
import { DAY, passes } from '../../world/clock.ts';
import { answers, must } from '../attack.ts';
import { credits, opened, signUp } from './sign-up.ts';

const RULE = { name: 'Oak', presetId: 'interior', concepts: { Floor: { action: 'recolor', value: 'oak' } } };
/** What the account of the opener may change: his own rows, and that there is one. */
const OPENED = [/^d1\/(users|billing_events|rules)\//, /^object\/user\//, /^user\//];

const tokenOf = (reply: Reply): string => text(data(reply), 'token');
const sumOf = async (world: World, replies: readonly Reply[]): Promise<number> => {
  const granted = await Promise.all(replies.map((reply) => credits(world, tokenOf(reply))));
  return granted.reduce<number>((sum, one) => sum + Number(one), 0);
};

/** The simulator counts an object that was only asked; whoever is watched has his rows compared. */
const ASKED = [/^object\/user\//];

signUp.attack(
  'a thousand visitors who sign up and look around leave nothing behind',
  answers(200),
  async (world) => {
    const visit = async (n: number) => {
      const input = n % 2 === 0 ? {} : { idempotencyKey: timedKey(Date.now()), deviceHash: `device-${n}` };
      const reply = await world.mutate('auth.anon', input, { ip: world.freshIp() });
      const token = tokenOf(reply);
      if (n % 50 !== 0) return [reply];
      world.watch(text(data(reply), 'userId'));
      const looks = ['user.me', 'rules.list', 'jobs.list', 'user.ledger'].map((path) =>
        world.query(path, undefined, { token }),
      );
      return [reply, ...(await Promise.all(looks)), await world.mutate('auth.renew', undefined, { token })];
    };
    const replies: Reply[] = [];
    for (let n = 0; n < 1_000; n += 25) {
      replies.push(...(await Promise.all(Array.from({ length: 25 }, (_, m) => visit(n + m)))).flat());
    }
    return replies;
  },
  { changes: ASKED, long: true },
);

signUp.attack(
  'jobs that no new account could have, and calls that name nothing: none opens one',
  answers([400, 404], ['ITEM_LIMIT', 'RULE_NOT_FOUND', 'JOB_NOT_FOUND']),
  async (world) => {
    const session = data(await world.mutate('auth.anon', {}, { ip: world.freshIp() }));
    const token = text(session, 'token');
    world.watch(text(session, 'userId'));
    const photos = Array.from({ length: 11 }, () => ({ contentType: 'image/jpeg', bytes: 9 }));
    return [
      await world.mutate('jobs.create', { preset: 'interior', photos }, { token }),
      await world.mutate('jobs.create', { from: { jobId: world.victim.jobs.done.jobId } }, { token }),
      await world.mutate('rules.update', { id: world.victim.ruleId, name: 'x' }, { token }),
      await world.mutate('rules.delete', { id: world.victim.ruleId }, { token }),
      await world.mutate('jobs.delete', { jobId: world.victim.jobs.done.jobId }, { token }),
    ];
  },
  { changes: ASKED },
);

signUp.attack(
  'fifty first changes of one account at once: opened once, ten credits',
  answers([200, 403], [null, 'RULE_SLOT_FULL']),
  async (world) => {
    const session = data(await world.mutate('auth.anon', {}, { ip: world.freshIp() }));
    const token = text(session, 'token');
    world.watch(text(session, 'userId'));
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.mutate('rules.create', RULE, { token, ip: world.freshIp() })),
    );
    must(replies.filter(({ status }) => status === 200).length === 2, 'not just the two rules of the plan were saved');
    must((await credits(world, token)) === 10, 'it was opened more than once');
    return replies;
  },
  { changes: OPENED },
);

signUp.attack(
  'one address that opens account after account: fifty credits a day',
  answers(200),
  async (world) => {
    const ip = '203.0.113.40';
    const replies: Reply[] = [];
    for (let n = 0; n < 8; n++) replies.push(await opened(world, {}, ip));
    const sum = await sumOf(world, replies);
    must(sum === 50, `they were granted ${sum}`);
    return replies;
  },
  { world: 'addresses', changes: OPENED },
);
signUp.attack(
  'sign-ups from many addresses, opened from one: fifty credits a day',
  answers(200),
  async (world) => {
    const visitors = await Promise.all(
      Array.from({ length: 8 }, () => world.mutate('auth.anon', {}, { ip: world.freshIp() })),
    );
    const replies = await Promise.all(
      visitors.map((reply) => world.mutate('rules.create', RULE, { token: tokenOf(reply), ip: '203.0.113.41' })),
    );
    const sum = await sumOf(world, visitors);
    must(sum === 50, `they were granted ${sum}`);
    return replies;
  },
  { world: 'addresses', changes: OPENED },
);
signUp.attack(
  'more sign-ups of one address than an hour has, at any pace',
  answers([200, 429], [null, 'RATE_LIMITED']),
  async (world) => {
    const replies: Reply[] = [];
    for (let n = 0; n < 30; n++) replies.push(await world.mutate('auth.anon', {}, { ip: '203.0.113.42' }));
    const taken = replies.filter(({ status }) => status === 200).length;
    must(taken === 20, `${taken} were taken in an hour of 20`);
    return replies;
  },
  { world: 'addresses' },
);

signUp.attack('a sign-up key of two days ago, which nobody remembers', answers(409, 'IDEMPOTENCY_CONFLICT'), (world) =>
  world.mutate('auth.anon', { idempotencyKey: timedKey(Date.now() - 2 * DAY) }, { ip: world.freshIp() }),
);
signUp.staged(
  'the key of an account, after its time',
  answers(409, 'IDEMPOTENCY_CONFLICT'),
  async (world) => {
    const idempotencyKey = timedKey(Date.now());
    const { token } = await world.signUp({ idempotencyKey });
    data(await world.mutate('rules.create', RULE, { token }));
    await passes(700);
    return () => world.mutate('auth.anon', { idempotencyKey }, { ip: world.freshIp() });
  },
  { world: 'short' },
);

signUp.staged(
  'a token whose claims of device and sign-up were changed',
  answers(401, 'TOKEN_INVALID'),
  async (world) => {
    const deviceHash = `device-${uniqueKey()}`;
    const { token: first } = await world.signUp({ deviceHash });
    must((await credits(world, first)) === 10, 'the device had no credits to begin with');
    const second = data(await world.mutate('auth.anon', { deviceHash }, { ip: world.freshIp() }));
    const [head, payload, signature] = text(second, 'token').split('.');
    const { dev: _, ...without } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'));
    const forged = [without, { ...without, dev: 'another-device' }, { ...without, dev: deviceHash, sat: 0 }];
    const tokens = forged.flatMap((changed) => [
      `${head}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}`,
      hs256('a-secret-of-the-attackers-own-of-32-bytes', claims(text(second, 'userId'), 0, changed)),
    ]);
    return () => Promise.all(tokens.map((token) => world.mutate('rules.create', RULE, { token })));
  },
);
