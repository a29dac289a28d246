/** `admin.adopt`: the account of a user of an earlier service, opened once with exactly what he had. */
import { env } from 'cloudflare:workers';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { admin, clientFor, refusalOf } from '../../../proving/world/workerd/client.ts';
import { photos } from '../../../proving/world/workerd/jobs.ts';
import { d1, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';

const at = (ms: number) => 1_600_000_000_000 + ms;
const ruleOf = (n: number) => ({
  id: `old-rule-${n}`,
  name: `Oak ${n}`,
  presetId: 'interior' as const,
  concepts: { Floor: { action: 'recolor' as const, value: '#C8A27A' } },
  protect: ['Grout'],
  createdAt: at(n),
  updatedAt: at(n + 1),
});
let made = 0;
const old = (more: { plan?: string; credits?: number; deviceHash?: string | null; rules?: number } = {}) => ({
  userId: `old-${++made}`,
  plan: more.plan ?? 'free',
  credits: more.credits ?? 3,
  deviceHash: more.deviceHash ?? null,
  createdAt: at(0),
  rules: Array.from({ length: more.rules ?? 0 }, (_, n) => ({ ...ruleOf(n), id: `${made}-${n}` })),
});
const shown = ({ createdAt, updatedAt, ...rule }: ReturnType<typeof ruleOf>) => ({
  ...rule,
  createdAt: new Date(createdAt),
  updatedAt: new Date(updatedAt),
});
const adopt = admin().admin.adopt.mutate;
const differences = async (userId: string) => (await admin().admin.reconcile.mutate({ userId })).differences;

describe('an adopted account', () => {
  test.for([
    ['of the free plan', { credits: 3 }],
    ['of the pro plan', { plan: 'pro', credits: 421 }],
    ['without credits', { credits: 0 }],
    ['of a plan that nobody knows', { plan: 'enterprise', credits: 9_000 }],
    ['with more rules than its plan has slots', { rules: 45 }],
    ['with as many credits as a number holds', { credits: Number.MAX_SAFE_INTEGER }],
  ] as const)('%s has what it had and not one credit more, in its object and in D1, however often', async ([
    ,
    what,
  ]) => {
    const user = old(what);
    const { userId, credits, plan } = user;
    const known = plan === 'pro' ? 'pro' : 'free';
    const wanted = { userId, plan: known, credits: { balance: credits, held: 0, spent: 0, granted: credits } };
    expect(await adopt(user)).toEqual(wanted);
    const object = 'SELECT user_id, plan, balance, held, spent, granted, device_hash, created_at FROM account';
    const [row] = await sqlIn(userObject(userId), object);
    expect(row).toEqual({
      ...{ user_id: userId, plan, balance: credits, held: 0, spent: 0, granted: credits },
      ...{ device_hash: null, created_at: at(0) },
    });
    expect(await userRpc(userId).listRules()).toEqual(user.rules.map(shown));
    const told = () =>
      Promise.all([
        d1('SELECT id, plan, credits, created_at FROM users WHERE id = ?', userId),
        d1('SELECT amount, type FROM billing_events WHERE user_id = ?', userId),
        d1(
          'SELECT id, name, preset_id, created_at, updated_at, deleted_at FROM rules WHERE user_id = ? ORDER BY created_at',
          userId,
        ),
      ]);
    const before = await told();
    expect(before).toEqual([
      [{ id: userId, plan, credits, created_at: at(0) }],
      credits === 0 ? [] : [{ amount: credits, type: 'grant' }],
      user.rules.map(({ id, name, createdAt, updatedAt }) => ({
        ...{ id, name, preset_id: 'interior', deleted_at: null },
        ...{ created_at: createdAt, updated_at: updatedAt },
      })),
    ]);
    expect(await adopt({ ...user, credits: credits === 0 ? 1 : credits - 1, plan: 'free', rules: [] })).toEqual(wanted);
    expect(await told()).toEqual(before);
    expect(await differences(userId)).toEqual([]);
  });

  test('has its job slots and credits as any other: a hold is taken from what it had', async () => {
    const user = old({ credits: 3 });
    await adopt(user);
    const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:a-job`).toString();
    const reserve = (amount: number) => userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount });
    expect(await reserve(photos(4).length)).toMatchObject({ ok: false, refusal: { code: 'CREDITS_EXHAUSTED' } });
    expect(await reserve(3)).toMatchObject({ ok: true });
    expect((await userRpc(user.userId).me())?.credits).toEqual({ balance: 0, held: 3, spent: 0, granted: 3 });
  });

  test.for([
    421, 0,
  ])('of the pro plan with %i credits gets no credits of that plan when an operator sets it again', async (credits) => {
    const user = old({ plan: 'pro', credits });
    await adopt(user);
    const { userId } = user;
    expect((await admin().admin.setPlan.mutate({ userId, plan: 'pro' })).credits.granted).toBe(credits);
  });

  test('is of a device that had its free credits: a new sign-up there begins with none', async () => {
    const user = old({ deviceHash: 'device-of-old' });
    await adopt(user);
    const again = await clientFor(null).auth.anon.mutate({
      idempotencyKey: crypto.randomUUID(),
      deviceHash: 'device-of-old',
    });
    expect((await clientFor(again.token).user.me.query()).credits.granted).toBe(0);
    expect((await admin().admin.adopt.mutate(old({ deviceHash: 'device-of-old', credits: 5 }))).credits.balance).toBe(
      5,
    );
  });

  test('comes under no name of ours: one that is open stays as it is', async () => {
    const { userId, token } = await clientFor(null).auth.anon.mutate({ idempotencyKey: crypto.randomUUID() });
    const before = await clientFor(token).user.me.query();
    await adopt({ ...old({ plan: 'pro', credits: 999, rules: 2 }), userId });
    expect(await clientFor(token).user.me.query()).toEqual(before);
  });

  test('is none of a user who was deleted', async () => {
    const user = old();
    await adopt(user);
    await admin().admin.deleteUser.mutate({ userId: user.userId });
    expect((await refusalOf(adopt(user))).code).toBe('NOT_FOUND');
  });
});

test.for([
  ['signed with another secret', 'the-secret-of-the-earlier-service-32-bytes', {}],
  ['signed with our secret, without our claims', env.JWT_SECRET ?? '', {}],
  [
    'signed with our secret, for a user of the earlier service',
    env.JWT_SECRET ?? '',
    { iss: 's3-workers', aud: 's3-api' },
  ],
] as const)("an earlier service's token, %s, is refused with words that say what to do", async ([, secret, claims]) => {
  const token = await new SignJWT({ sub: 'old-user', plan: 'pro', ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime('30d')
    .sign(new TextEncoder().encode(secret));
  for (const call of [clientFor(token).user.me.query(), clientFor(token).auth.renew.mutate()]) {
    expect(await refusalOf(call)).toMatchObject({
      code: 'TOKEN_INVALID',
      httpStatus: 401,
      message: 'the token is not valid: sign in again',
    });
  }
});
