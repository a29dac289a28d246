/**
 * Wycheproof's vectors for HMAC-SHA-256 and JSON Web Signatures over HTTP, at every door of the production bundle that takes a MAC: what
 * is altered is refused, whatever it says, and what is good in an unusual form is taken.
 */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../world/bundle/jobs.ts';
import { openSocket } from '../../world/bundle/socket.ts';
import { signWebhook } from '../../world/bundle/webhook.ts';
import { data, text, type User, World } from '../../world/bundle/world.ts';
import { INVALID, type Parts, TAGS, VALID, withUnusedBits } from './vectors.ts';

let world: World;
let user: User;
let job: Running;
beforeAll(async () => {
  world = await World.start({ WATCH_IDLE_MS: '600000', HOLD_CHECK_MS: '86400000' });
  user = await world.signUpPro();
  job = await world.jobs.running(user, 1);
});
afterAll(() => world?.stop());

function parts(): Parts {
  const [header = '', payload = '', tag = ''] = user.token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const secret = world.setting('JWT_SECRET');
  const signed = (head: string, body: string) =>
    `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
  return { header, payload, tag, kid, signed };
}

/** What a session token is good for: to read, to write, and to be renewed. `ok` is what it is taken for. */
async function answersTo(token: string): Promise<string[]> {
  const given = token === '' ? { headers: { authorization: 'Bearer ' } } : { token };
  const replies = [
    await world.query('user.me', undefined, given),
    await world.mutate('rules.delete', { id: 'none' }, given),
    await world.mutate('auth.renew', undefined, given),
  ];
  return replies.map(({ status, code }) => (status === 200 ? 'ok' : `${status} ${code}`));
}

describe('a session token', () => {
  test.each(VALID)('$name is taken', async ({ token }) => {
    expect(await answersTo(token(parts()))).toEqual(['ok', '404 RULE_NOT_FOUND', 'ok']);
  });

  test.each(INVALID)('$name is refused', async ({ token }) => {
    const attempt = token(parts());
    expect(attempt).not.toBe(user.token);
    for (const answer of await answersTo(attempt)) expect(answer).toMatch(/^401 (TOKEN_INVALID|AUTH_REQUIRED)$/);
  });

  test.each(TAGS)('with $name is refused', async ({ change }) => {
    const { header, payload, tag } = parts();
    const altered = change(Buffer.from(tag, 'base64url')).toString('base64url');
    expect(new Set(await answersTo(`${header}.${payload}.${altered}`))).toEqual(new Set(['401 TOKEN_INVALID']));
  });
});

/** The other MACs: where each stands, and whether it is taken. */
const DOORS = [
  {
    name: 'a ticket to watch',
    encoding: 'base64url' as const,
    good: async () => {
      const seen = data(await world.query('jobs.get', { jobId: job.jobId }, { token: user.token }));
      return text(seen, 'ticket').split(/\.(?=[^.]*$)/) as [string, string];
    },
    isTaken: async ([before, mac]: [string, string]) => {
      const ticket = encodeURIComponent(`${before}.${mac}`);
      const { reply, socket } = await openSocket(world.production.port, `/trpc/watch/${job.jobId}?ticket=${ticket}`);
      socket?.end();
      return reply.status === 101 || `${reply.status} ${reply.code}`;
    },
  },
  {
    name: "a job's callback token",
    encoding: 'base64url' as const,
    good: async () => ['cb_', job.token.slice('cb_'.length)] as [string, string],
    isTaken: async ([before, mac]: [string, string]) => taken({ authorization: `Bearer ${before}${mac}` }),
  },
  {
    name: 'the signature of a callback',
    encoding: 'base64' as const,
    good: async () => {
      const signed = signWebhook(REPORT, { key: job.token });
      return [JSON.stringify(signed), signed['webhook-signature']?.slice('v1,'.length) ?? ''] as [string, string];
    },
    isTaken: async ([signed, mac]: [string, string]) =>
      taken({ ...(JSON.parse(signed) as Record<string, string>), 'webhook-signature': `v1,${mac}` }),
  },
];

/** Changes nothing, whoever may say it: the photo is none of the job's. */
const REPORT = JSON.stringify({ idx: 100, status: 'failed' });
async function taken(headers: Record<string, string>): Promise<true | string> {
  const { status, code } = await world.jobs.report(job, REPORT, headers);
  return (status === 400 && code === 'VALIDATION_ERROR') || `${status} ${code}`;
}

describe.each(DOORS)('$name', ({ encoding, good, isTaken }) => {
  test('is taken as it is', async () => {
    expect(await isTaken(await good())).toBe(true);
  });

  test.each(TAGS)('with $name is refused', async ({ change }) => {
    const [before, mac] = await good();
    const altered = change(Buffer.from(mac, encoding)).toString(encoding);
    expect(await isTaken([before, altered])).toBe('401 AUTH_REQUIRED');
  });

  test('in another text for the same bytes is refused', async () => {
    const [before, mac] = await good();
    const bare = mac.replaceAll('=', '');
    for (const same of [withUnusedBits(bare), `${bare}==`, `?${bare}`, `${bare}?`, `.${bare}`]) {
      expect(await isTaken([before, same])).toBe('401 AUTH_REQUIRED');
    }
  });
});
