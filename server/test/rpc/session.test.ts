/** Session tokens at the door: which are taken, which are refused and with what code, renewal and revocation. */
import { env } from 'cloudflare:workers';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ask,
  askWith,
  clientFor,
  refusalOf,
  sessionOf,
  signUp,
  type User,
} from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, createdJob, PHOTO } from '../../../proving/world/workerd/jobs.ts';
import { countObjects, inspect, userRpc } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';
import { appRouter } from '../../src/rpc/router.ts';
import { kidOf } from '../../src/security/session-token.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

const secret = new TextEncoder().encode(env.JWT_SECRET);
/** A token as ours, unless told otherwise. */
function ours(sub: string, alg = 'HS256', header: { typ?: string; kid?: string } = {}): SignJWT {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT', ...header })
    .setIssuer('s3-workers')
    .setAudience('s3-api')
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + 60);
}
const meWith = (token: string) => clientFor(token).user.me.query();

test('a token that is made like ours is taken, so that the refusals below are due to what they change', async () => {
  expect((await meWith(await ours(user.userId).sign(secret))).userId).toBe(user.userId);
});

describe('a token is TOKEN_INVALID', () => {
  const withoutExpiry = () =>
    new SignJWT({ iss: 's3-workers', aud: 's3-api', sub: user.userId, iat: Math.floor(Date.now() / 1000) })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secret);
  const unsigned = () => {
    const part = (value: object) => btoa(JSON.stringify(value)).replaceAll('=', '');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 's3-workers', aud: 's3-api', sub: user.userId, iat: now, exp: now + 60 };
    return Promise.resolve(`${part({ alg: 'none' })}.${part(claims)}.`);
  };
  const wrong: [string, () => Promise<string>][] = [
    ['under another secret', () => ours(user.userId).sign(new TextEncoder().encode('x'.repeat(40)))],
    ['under another algorithm', () => ours(user.userId, 'HS512').sign(secret)],
    ['without a signature', unsigned],
    ['of another issuer', () => ours(user.userId).setIssuer('somebody').sign(secret)],
    ['for another audience', () => ours(user.userId).setAudience('other-api').sign(secret)],
    ['without an expiry', withoutExpiry],
    ['of a user that no sign-up can have made', () => ours('usr_never').sign(secret)],
    ['of another type', () => ours(user.userId, 'HS256', { typ: 'at+jwt' }).sign(secret)],
    ['that names another secret', () => ours(user.userId, 'HS256', { kid: 'another' }).sign(secret)],
    [
      'from the future',
      () =>
        ours(user.userId)
          .setIssuedAt(Math.floor(Date.now() / 1000) + 120)
          .sign(secret),
    ],
    [
      'that names a list of users',
      () => {
        const now = Math.floor(Date.now() / 1000);
        const claims = { iss: 's3-workers', aud: 's3-api', iat: now, exp: now + 60, sub: [user.userId] };
        return new SignJWT(claims as Record<string, unknown>)
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
          .sign(secret);
      },
    ],
    ['that names no user', () => ours('ceilings').sign(secret)],
    ['that is no token', () => Promise.resolve('abc')],
  ];
  test.for(wrong)('%s, and does nothing', async ([, token]) => {
    const client = clientFor(await token());
    expect(await refusalOf(client.user.me.query())).toMatchObject({ code: 'TOKEN_INVALID', httpStatus: 401 });
    const create = client.jobs.create.mutate({ preset: 'interior', photos: [PHOTO] });
    expect((await refusalOf(create)).code).toBe('TOKEN_INVALID');
    expect((await user.client.user.me.query()).activeJobs).toBe(0);
  });

  test('with one character altered, and no object comes to be', async () => {
    const objects = await countObjects();
    const [head, claims, signature] = user.token.split('.');
    const other = claims?.startsWith('e') ? `f${claims.slice(1)}` : `e${claims?.slice(1)}`;
    expect((await refusalOf(meWith([head, other, signature].join('.')))).code).toBe('TOKEN_INVALID');
    expect(await countObjects()).toBe(objects);
  });
});

test('a token is good for 30 days and TOKEN_EXPIRED after that', async () => {
  pass(30 * DAY - SECOND);
  expect((await user.client.user.me.query()).userId).toBe(user.userId);
  pass(2 * SECOND);
  expect(await refusalOf(user.client.user.me.query())).toMatchObject({ code: 'TOKEN_EXPIRED', httpStatus: 401 });
});

test('an expired token is renewed for 30 days, as the same user, and not after that', async () => {
  pass(59 * DAY);
  const renewed = await user.client.auth.renew.mutate();
  expect(renewed.userId).toBe(user.userId);
  expect((await meWith(renewed.token)).userId).toBe(user.userId);
  expect(renewed.expiresAt.getTime()).toBeGreaterThan(Date.now() + 29 * DAY);
  pass(2 * DAY);
  expect((await refusalOf(user.client.auth.renew.mutate())).code).toBe('TOKEN_EXPIRED');
  expect((await refusalOf(clientFor(null).auth.renew.mutate())).code).toBe('AUTH_REQUIRED');
});

describe('rotation of JWT_SECRET', () => {
  const NEXT = 'test-jwt-secret-after-the-rotation-32-bytes';
  const statusOf = async (settings: Partial<Env>, token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await askWith({ ...env, ...settings }, '/trpc/user.me', { headers })).status;
  };
  const rotated = { JWT_SECRET: NEXT, JWT_SECRET_PREVIOUS: env.JWT_SECRET ?? '' };

  test('a token names the secret that signed it, and tells nothing of it', async () => {
    const { kid } = decodeProtectedHeader(user.token);
    expect(kid).toBe(await kidOf(env.JWT_SECRET ?? ''));
    expect(kid).not.toBe(await kidOf(NEXT));
    expect(kid).toMatch(/^[\w-]{12}$/);
  });

  test('logs nobody out while the previous secret is set, and out once it is taken out', async () => {
    const before = await ours(user.userId).sign(secret);
    for (const token of [user.token, before]) {
      expect(await statusOf(rotated, token)).toBe(200);
      expect(await statusOf({ JWT_SECRET: NEXT }, token)).toBe(401);
    }
  });

  test('a token of the one secret under the name of the other is refused', async () => {
    const kid = await kidOf(NEXT);
    const token = await ours(user.userId, 'HS256', { kid }).sign(secret);
    expect(await statusOf(rotated, token)).toBe(401);
  });

  test('renewal moves a token over to the new secret', async () => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
    };
    const answer = await askWith({ ...env, ...rotated }, '/trpc/auth.renew', init);
    const { result } = await answer.json<{ result: { data: { json: { token: string } } } }>();
    const { token } = result.data.json;
    expect(decodeProtectedHeader(token).kid).toBe(await kidOf(NEXT));
    expect(await statusOf({ JWT_SECRET: NEXT }, token)).toBe(200);
  });
});

test('revoke ends a token of the same millisecond, and a renewal by a clock that lags behind is good', async () => {
  const revoked = await user.client.auth.revoke.mutate();
  expect((await refusalOf(user.client.auth.renew.mutate())).code).toBe('TOKEN_INVALID');
  const again = await clientFor(revoked.token).auth.revoke.mutate();
  expect((await refusalOf(meWith(revoked.token))).code).toBe('TOKEN_INVALID');
  pass(-SECOND);
  const renewed = await clientFor(again.token).auth.renew.mutate();
  expect((await meWith(renewed.token)).userId).toBe(user.userId);
});

test('revoke ends every earlier token and answers with one that is good', async () => {
  pass(10);
  const fresh = await user.client.auth.revoke.mutate();
  expect((await refusalOf(user.client.user.me.query())).code).toBe('TOKEN_INVALID');
  expect((await refusalOf(user.client.auth.renew.mutate())).code).toBe('TOKEN_INVALID');
  expect((await meWith(fresh.token)).userId).toBe(user.userId);
});

test('a revocation made elsewhere ends tokens within a minute for queries', async () => {
  await user.client.user.me.query();
  pass(10);
  await userRpc(user.userId).revokeSessions(sessionOf(user.userId));
  expect((await user.client.user.me.query()).userId).toBe(user.userId);
  pass(MINUTE);
  expect((await refusalOf(user.client.user.me.query())).code).toBe('TOKEN_INVALID');
});

test('a revocation made elsewhere ends tokens at once for every mutation, and none of them changes anything', async () => {
  const { id } = await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE });
  const { jobId } = await createdJob(user, 1);
  const inputs: Record<string, unknown> = {
    'auth.renew': undefined,
    'auth.revoke': undefined,
    'rules.create': { name: 'Ash', presetId: 'interior', ...CHOICE },
    'rules.update': { id, name: 'Ash' },
    'rules.delete': { id },
    'jobs.create': { preset: 'interior', photos: [PHOTO] },
    'jobs.renewUploads': { jobId, indexes: [0] },
    'jobs.confirmUpload': { jobId },
    'jobs.execute': { jobId, ...CHOICE },
    'jobs.downloads': { jobId, files: [{ idx: 0 }] },
    'jobs.cancel': { jobId },
    'jobs.delete': { jobId },
    'user.delete': undefined,
  };
  const everybodys = ([path, { _def }]: [string, { _def: { type: string } }]) =>
    _def.type === 'mutation' && path !== 'auth.anon' && !path.startsWith('admin.');
  // Flat, whatever its type says.
  const procedures: object = appRouter._def.procedures;
  const mutations = Object.entries(procedures).filter(everybodys);
  expect(Object.keys(inputs).sort()).toEqual(mutations.map(([path]) => path).sort());
  pass(10);
  const revoked = await userRpc(user.userId).revokeSessions(sessionOf(user.userId));
  const state = async () => [
    await userRpc(user.userId).me(),
    await userRpc(user.userId).listRules(),
    await inspect(jobId),
  ];
  const before = await state();
  for (const [path, input] of Object.entries(inputs)) {
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' };
    const answer = await ask(`/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify({ json: input }) });
    expect([path, answer.status]).toEqual([path, 401]);
    expect(await answer.text()).toContain('TOKEN_INVALID');
  }
  const again = user.client.jobs.create.mutate({ from: { jobId, indexes: [7] } });
  expect((await refusalOf(again)).code).toBe('TOKEN_INVALID');
  expect(await state()).toEqual(before);
  expect(await userRpc(user.userId).sessionEpoch()).toBe(revoked.ok && revoked.value);
});

test('a token is known by its bearer only: not in the query, nor under another scheme', async () => {
  const basic = clientFor(null);
  expect((await refusalOf(basic.user.me.query())).code).toBe('AUTH_REQUIRED');
  for (const [path, headers] of [
    [`/trpc/user.me?token=${user.token}`, {}],
    ['/trpc/user.me', { authorization: `Basic ${user.token}` }],
    ['/trpc/user.me', { authorization: user.token }],
  ] as const) {
    expect((await ask(path, { headers })).status).toBe(401);
  }
});
