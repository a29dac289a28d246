/** Session tokens at the door: which are taken, which are refused and with what code, renewal and revocation. */
import { env } from 'cloudflare:workers';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { ask, clientFor, refusalOf, signUp, type User } from '../support/client.ts';
import { DAY, MINUTE, pass, SECOND } from '../support/clock.ts';
import { PHOTO } from '../support/jobs.ts';
import { countObjects, userRpc } from '../support/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

const secret = new TextEncoder().encode(env.JWT_SECRET);
/** A token as ours, unless told otherwise. */
function ours(sub: string, alg = 'HS256'): SignJWT {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT' })
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
    ['of a user that never was', () => ours('usr_never').sign(secret)],
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

test('revoke ends every earlier token and answers with one that is good', async () => {
  pass(10);
  const fresh = await user.client.auth.revoke.mutate();
  expect((await refusalOf(user.client.user.me.query())).code).toBe('TOKEN_INVALID');
  expect((await refusalOf(user.client.auth.renew.mutate())).code).toBe('TOKEN_INVALID');
  expect((await meWith(fresh.token)).userId).toBe(user.userId);
});

test('a revocation made elsewhere ends tokens at once for mutations and renewal, within a minute for queries', async () => {
  await user.client.user.me.query();
  pass(10);
  await userRpc(user.userId).revokeSessions();
  expect((await user.client.user.me.query()).userId).toBe(user.userId);
  const create = user.client.jobs.create.mutate({ preset: 'interior', photos: [PHOTO] });
  expect((await refusalOf(create)).code).toBe('TOKEN_INVALID');
  expect((await refusalOf(user.client.auth.renew.mutate())).code).toBe('TOKEN_INVALID');
  pass(MINUTE);
  expect((await refusalOf(user.client.user.me.query())).code).toBe('TOKEN_INVALID');
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
