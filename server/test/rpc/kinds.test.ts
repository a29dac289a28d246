/**
 * What the router says of its procedures (`.meta()`), from which the client is generated, is what they do: who is let in without a token,
 * and which may be sent again, as they are or under a key.
 */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import { ask, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { CHOICE, createdJob, doneJob, PHOTO, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import type { Kind } from '../../src/rpc/init.ts';
import { appRouter } from '../../src/rpc/router.ts';

type Definition = { type: string; meta?: Kind; inputs: $ZodType[] };
// Flat, whatever its type says.
const procedures = appRouter._def.procedures as unknown as Record<string, { _def: Definition }>;
const ALL = Object.entries(procedures).map(([path, { _def }]) => ({ path, ..._def }));
const paths = (of: (one: (typeof ALL)[number]) => unknown) => ALL.filter((one) => of(one)).map(({ path }) => path);

type Answer = { result?: { data: { json: unknown } }; error?: { json: { data: { errorCode: string } } } };
async function asked(path: string, input: unknown, token: string | null): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const json = JSON.stringify({ json: input });
  return procedures[path]?._def.type === 'mutation'
    ? ask(`/trpc/${path}`, { method: 'POST', headers, body: json })
    : ask(`/trpc/${path}?input=${encodeURIComponent(json)}`, { headers });
}
const send = async (...call: Parameters<typeof asked>): Promise<Answer> => (await asked(...call)).json();

test('every procedure says whether it is sent again as it is or under a key, and no query needs a key', () => {
  expect(paths(({ meta }) => (meta?.safe === true) === (meta?.keyed === true))).toEqual([]);
  expect(paths(({ type, meta }) => type !== 'mutation' && meta?.keyed)).toEqual([]);
});

test.each(paths(() => true))('%s answers without a token exactly if it says so', async (path) => {
  const refused = path.startsWith('admin.') ? 'NOT_FOUND' : 'AUTH_REQUIRED';
  // Of a subscription it is the one event of a stream.
  const answer = await (await asked(path, undefined, null)).text();
  expect(answer.includes(`"errorCode":"${refused}"`)).toBe(procedures[path]?._def.meta?.open !== true);
});

/** The objects that a schema comes down to, each option of a union for itself. */
function objectsOf(schema: $ZodType | undefined): { shape: object }[] {
  if (schema === undefined) return [];
  const { def } = (schema as $ZodTypes)._zod;
  if (def.type === 'object') return [def];
  if (def.type === 'union') return def.options.flatMap(objectsOf);
  return 'innerType' in def ? objectsOf(def.innerType) : [];
}

test('a procedure takes an idempotency key, in every form of its input, exactly if it says so', () => {
  const takesKey = ({ inputs }: Definition) => {
    const objects = objectsOf(inputs[0]);
    return objects.length > 0 && objects.every(({ shape }) => 'idempotencyKey' in shape);
  };
  expect(paths(takesKey)).toEqual(paths(({ meta }) => meta?.keyed));
});

describe('a mutation sent again answers the same and changes no more', () => {
  const key = 'the-same-key-for-both-of-the-calls-0123456789';
  let user: User;
  beforeEach(async () => {
    user = await signUp();
  });
  const rule = async () => (await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE })).id;
  const job = async (of: (user: User, photos: number) => Promise<{ jobId: string }>) => (await of(user, 1)).jobId;
  /** By path: an input that the procedure takes. A keyed one is given `key` as well. */
  const INPUTS: Record<string, () => unknown> = {
    'auth.anon': () => ({}),
    'auth.renew': () => undefined,
    'auth.revoke': () => ({}),
    'user.delete': () => undefined,
    'rules.create': () => ({ name: 'Ash', presetId: 'interior', ...CHOICE }),
    'rules.update': async () => ({ id: await rule(), name: 'Ash' }),
    'rules.delete': async () => ({ id: await rule() }),
    'jobs.create': () => ({ preset: 'interior', photos: [PHOTO] }),
    'jobs.renewUploads': async () => ({ jobId: await job(createdJob), indexes: [0] }),
    'jobs.confirmUpload': async () => ({ jobId: await job(uploadedJob) }),
    'jobs.execute': async () => ({ jobId: await job(uploadedJob), ...CHOICE }),
    'jobs.downloads': async () => ({ jobId: await job(doneJob), files: [{ idx: 0 }] }),
    'jobs.cancel': async () => ({ jobId: await job(createdJob) }),
    'jobs.delete': async () => ({ jobId: await job(doneJob) }),
    'admin.setPlan': () => ({ userId: user.userId, plan: 'pro' }),
    'admin.grantCredits': () => ({ userId: user.userId, amount: 5, reason: 'sorry' }),
    'admin.adopt': () => ({
      userId: user.userId,
      plan: 'pro',
      credits: 7,
      deviceHash: null,
      createdAt: 1000,
      rules: [],
    }),
    'admin.deleteUser': () => ({ userId: user.userId }),
    'admin.requeue': async () => ({ jobId: await job(doneJob) }),
    'admin.reconcile': () => ({ userId: user.userId }),
  };

  test('and each mutation is tried here', () => {
    expect(Object.keys(INPUTS).sort()).toEqual(paths(({ type }) => type === 'mutation').sort());
  });

  test.each(Object.keys(INPUTS))('%s', async (path) => {
    const made = await INPUTS[path]?.();
    const input = procedures[path]?._def.meta?.keyed ? { ...(made as object), idempotencyKey: key } : made;
    const token = path.startsWith('admin.') ? (env.ADMIN_SECRET ?? null) : user.token;
    const call = async () => {
      const { error, result } = await send(path, input, token);
      expect(error).toBeUndefined();
      return fixed(result?.data.json);
    };
    const seen = async () =>
      Promise.all(
        ['user.me', 'user.ledger', 'rules.list', 'jobs.list'].map((one) =>
          send(one, undefined, user.token).then(fixed),
        ),
      );
    const first = await call();
    const between = await seen();
    expect(await call()).toEqual(first);
    expect(await seen()).toEqual(between);
  });
});

/** Without what every answer makes anew: tokens, tickets, signatures and the request's own id. */
function fixed(answer: unknown): unknown {
  const { token, ticket, url, expiresAt, requestId, ...rest } = answer as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, typeof value === 'object' && value ? fixed(value) : value]),
  );
}
