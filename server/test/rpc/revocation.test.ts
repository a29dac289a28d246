/** Ending all sessions: whose answer was lost asks again, nobody else gets in by that, and a day has so many. */
import { evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { createdJob } from '../../../proving/world/workerd/jobs.ts';
import { userObject } from '../../../proving/world/workerd/objects.ts';
import { countRows } from '../../../proving/world/workerd/rows.ts';

const KEY = 'a-key-that-nobody-but-the-caller-knows';

let user: User;
beforeEach(async () => {
  user = await signUp();
  pass(SECOND);
  vi.spyOn(console, 'log').mockReturnValue();
});

const revoke = (token = user.token, idempotencyKey?: string) =>
  clientFor(token).auth.revoke.mutate(idempotencyKey === undefined ? undefined : { idempotencyKey });

describe('a revocation whose answer was lost', () => {
  test('is asked for again under its key, with the token that it has ended, and gives a session of the same user', async () => {
    await createdJob(user, 2);
    await revoke(user.token, KEY);
    pass(MINUTE);
    await evictDurableObject(userObject(user.userId));
    const again = await revoke(user.token, KEY);
    expect(again.userId).toBe(user.userId);
    const me = await clientFor(again.token).user.me.query();
    expect(me).toMatchObject({ userId: user.userId, activeJobs: 1 });
    expect((await refusalOf(user.client.jobs.list.query())).code).toBe('TOKEN_INVALID');
  });

  test('gives both a session that is good when it is asked for twice at the same moment', async () => {
    const [one, two] = await Promise.all([revoke(user.token, KEY), revoke(user.token, KEY)]);
    for (const { token } of [one, two]) {
      expect((await clientFor(token).rules.list.query()).length).toBe(0);
      expect((await clientFor(token).auth.renew.mutate()).userId).toBe(user.userId);
    }
  });

  test('is answered to nobody who does not know its key', async () => {
    await revoke(user.token, KEY);
    for (const key of [undefined, `${KEY}-2`]) {
      expect((await refusalOf(revoke(user.token, key))).code).toBe('TOKEN_INVALID');
    }
  });

  test('is answered to no session that had ended before', async () => {
    const stolen = user.token;
    const { token } = await revoke();
    pass(SECOND);
    await revoke(token, KEY);
    expect((await refusalOf(revoke(stolen, KEY))).code).toBe('TOKEN_INVALID');
  });

  test('is over once sessions were revoked again, with a key or without', async () => {
    for (const key of [undefined, `${KEY}-2`]) {
      const { token } = await revoke(user.token, KEY);
      pass(SECOND);
      const next = await revoke(token, key);
      expect((await refusalOf(revoke(user.token, KEY))).code).toBe('TOKEN_INVALID');
      user = { ...user, token: next.token };
      pass(SECOND);
    }
  });

  test('is answered for ten minutes, and then no more', async () => {
    await revoke(user.token, KEY);
    pass(10 * MINUTE);
    expect((await revoke(user.token, KEY)).userId).toBe(user.userId);
    pass(1);
    expect((await refusalOf(revoke(user.token, KEY))).code).toBe('TOKEN_INVALID');
  });

  test('is answered to nobody whose user is being deleted', async () => {
    const { token } = await revoke(user.token, KEY);
    await createdJob({ ...user, token, client: clientFor(token) }, 1);
    await clientFor(token).user.delete.mutate();
    expect((await refusalOf(revoke(user.token, KEY))).code).toBe('TOKEN_INVALID');
  });
});

test('revocations are fifty a day, each tells every job that may be watched, and it goes on at midnight', async () => {
  for (let n = 0; n < 20; n++) {
    const { jobId } = await createdJob(user, 1);
    await user.client.jobs.cancel.mutate({ jobId });
  }
  const rows = await countRows(user);
  let { token } = user;
  for (let n = 0; n < 50; n++) {
    pass(SECOND);
    ({ token } = await revoke(token));
  }
  const used = rows.objects();
  const midnight = (Math.floor(Date.now() / DAY) + 1) * DAY;
  const refused = await refusalOf(revoke(token));
  expect(refused).toMatchObject({
    code: 'RATE_LIMITED',
    details: { until: new Date(midnight).toISOString(), retryAfterSeconds: (midnight - Date.now()) / SECOND },
  });
  for (let n = 0; n < 20; n++) await refusalOf(revoke(token));
  expect(rows.objects()).toBe(used);
  expect(used).toBeLessThan(1_300);
  expect((await clientFor(token).user.me.query()).userId).toBe(user.userId);
  pass(midnight - Date.now());
  expect((await revoke(token)).userId).toBe(user.userId);
}, 30_000);
