/** Bad input: each has its code, names the field, reserves nothing, and makes no object for an id that never existed. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ask,
  type Caught,
  clientFor,
  creditsOf,
  refusalOf,
  signUp,
  type User,
} from '../../../proving/world/workerd/client.ts';
import {
  CHOICE,
  createdJob,
  PHOTO,
  photos,
  putInputs,
  queuedJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { countObjects, inspect, jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { queue } from '../../../proving/world/workerd/queue.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

/** Input as a client without our types could send it. */
const wild = (value: unknown) => value as never;

/** The refusal of a call that must leave the account and the number of objects alone. */
async function harmless(call: () => Promise<unknown>): Promise<Caught> {
  const [me, objects, sent] = [await user.client.user.me.query(), await countObjects(), queue.sent.length];
  const caught = await refusalOf(call());
  expect(await user.client.user.me.query()).toEqual(me);
  expect(await countObjects()).toBe(objects);
  expect(queue.sent).toHaveLength(sent);
  return caught;
}

const fieldOf = ({ details }: Caught) => (details as { field: string }).field;

describe('jobs.create', () => {
  const create = (input: unknown) => harmless(() => user.client.jobs.create.mutate(wild(input)));

  test('refuses a preset that does not exist', async () => {
    const caught = await create({ preset: 'garden', photos: [PHOTO] });
    expect(caught).toMatchObject({ code: 'PRESET_NOT_FOUND', httpStatus: 404 });
    expect(fieldOf(caught)).toBe('preset');
  });

  test.for([
    ['no photos', { preset: 'interior', photos: [] }, 'photos'],
    ['201 photos', { preset: 'interior', photos: photos(201) }, 'photos'],
    ['a photo over 25 MB', { preset: 'interior', photos: [PHOTO, { ...PHOTO, bytes: 25_000_001 }] }, 'photos[1].bytes'],
    ['a photo of no bytes', { preset: 'interior', photos: [{ ...PHOTO, bytes: 0 }] }, 'photos[0].bytes'],
    ['a photo of half a byte', { preset: 'interior', photos: [{ ...PHOTO, bytes: 1.5 }] }, 'photos[0].bytes'],
    ['a GIF', { preset: 'interior', photos: [{ ...PHOTO, contentType: 'image/gif' }] }, 'photos[0].contentType'],
    ['a short idempotency key', { preset: 'interior', photos: [PHOTO], idempotencyKey: 'short' }, 'idempotencyKey'],
    [
      'a key with a line break',
      { preset: 'interior', photos: [PHOTO], idempotencyKey: 'a\nbcdefgh' },
      'idempotencyKey',
    ],
    ['an index below 0', { from: { jobId: 'x', indexes: [-1] } }, 'from.indexes[0]'],
    ['no preset', { photos: [PHOTO] }, 'preset'],
  ] as const)('refuses %s and names the field', async ([, input, field]) => {
    const caught = await create(input);
    expect(caught).toMatchObject({ code: 'VALIDATION_ERROR', httpStatus: 400 });
    expect(fieldOf(caught)).toBe(field);
  });

  test('refuses more photos than the plan allows with ITEM_LIMIT', async () => {
    const caught = await create({ preset: 'interior', photos: photos(11) });
    expect(caught).toMatchObject({ code: 'ITEM_LIMIT', httpStatus: 400 });
    expect(caught.details).toEqual({ field: 'photos', limit: 10, actual: 11 });
  });

  test('refuses more photos than there are credits with CREDITS_EXHAUSTED', async () => {
    const { jobId } = await createdJob(user, 4);
    const { charged } = await user.client.jobs.cancel.mutate({ jobId });
    expect(charged).toBe(0);
    await sqlIn(
      env.USER_LIMITER.get(env.USER_LIMITER.idFromName(user.userId)),
      'UPDATE account SET balance = 3, spent = 7',
    );
    const caught = await create({ preset: 'interior', photos: photos(4) });
    expect(caught).toMatchObject({ code: 'CREDITS_EXHAUSTED', httpStatus: 402, details: { needed: 4, balance: 3 } });
  });

  test('refuses a second job on the free plan with CONCURRENCY_LIMIT, and names the job that lives', async () => {
    const { jobId } = await createdJob(user, 1);
    const caught = await create({ preset: 'interior', photos: [PHOTO] });
    expect(caught).toMatchObject({ code: 'CONCURRENCY_LIMIT', httpStatus: 429 });
    expect(caught.details).toEqual({ limit: 1, activeJobs: [jobId] });
  });

  test('estimate says beforehand what create would refuse, and reserves nothing', async () => {
    const estimate = (count: number) => user.client.jobs.estimate.query({ preset: 'interior', photos: count });
    expect(await estimate(10)).toEqual({ credits: 10, balance: 10, allowed: true });
    expect(await estimate(11)).toEqual({ credits: 11, balance: 10, allowed: false, reason: 'ITEM_LIMIT' });
    await createdJob(user, 1);
    expect(await estimate(1)).toEqual({ credits: 1, balance: 9, allowed: false, reason: 'CONCURRENCY_LIMIT' });
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 1, spent: 0 });
  });
});

describe('jobs.confirmUpload', () => {
  test('lists what is missing when nothing was uploaded', async () => {
    const { jobId } = await createdJob(user, 3);
    const caught = await harmless(() => user.client.jobs.confirmUpload.mutate({ jobId }));
    expect(caught).toMatchObject({ code: 'UPLOAD_INCOMPLETE', httpStatus: 409 });
    expect(caught.details).toEqual({ missing: [0, 1, 2], wrong: [] });
    expect((await inspect(jobId)).status).toBe('created');
  });

  test('lists photos of another size or type, and takes the job once they are right', async () => {
    const job = await createdJob(user, 4);
    await putInputs(job, [0]);
    await putInputs(job, [1], { ...PHOTO, bytes: 5 });
    await putInputs(job, [2], { ...PHOTO, contentType: 'image/png' });
    const confirm = () => user.client.jobs.confirmUpload.mutate({ jobId: job.jobId });
    const { code, details } = await harmless(confirm);
    expect(code).toBe('UPLOAD_INCOMPLETE');
    expect(details).toEqual({
      missing: [3],
      wrong: [
        { idx: 1, reason: 'has 5 bytes, not 4' },
        { idx: 2, reason: 'is image/png, not image/jpeg' },
      ],
    });
    await putInputs(job, [1, 2, 3]);
    expect(await confirm()).toEqual({ status: 'uploaded' });
    expect(await confirm()).toEqual({ status: 'uploaded' });
  });
});

describe('jobs.renewUploads', () => {
  test('signs again what is asked for, and refuses an index that the job does not have', async () => {
    const { jobId } = await createdJob(user, 2);
    const renew = (indexes: number[]) => user.client.jobs.renewUploads.mutate({ jobId, indexes });
    expect((await renew([1, 1])).uploads.map(({ idx }) => idx)).toEqual([1]);
    const caught = await harmless(() => renew([0, 2]));
    expect(caught.code).toBe('VALIDATION_ERROR');
    expect(fieldOf(caught)).toBe('indexes[1]');
  });

  test('is refused once the photos are confirmed', async () => {
    const { jobId } = await uploadedJob(user, 1);
    const caught = await harmless(() => user.client.jobs.renewUploads.mutate({ jobId, indexes: [0] }));
    expect(caught).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status: 'uploaded', action: 'renewUploads' },
    });
  });
});

describe('jobs.execute', () => {
  test('is refused before the uploads are confirmed', async () => {
    const { jobId } = await createdJob(user);
    const caught = await harmless(() => user.client.jobs.execute.mutate({ jobId, ...CHOICE }));
    expect(caught).toMatchObject({ code: 'INVALID_TRANSITION', httpStatus: 409 });
    expect(caught.details).toEqual({ status: 'created', action: 'execute' });
  });

  test('is refused a second time, and sends nothing again', async () => {
    const { jobId } = await queuedJob(user);
    const caught = await harmless(() => user.client.jobs.execute.mutate({ jobId, ...CHOICE }));
    expect(caught).toMatchObject({ code: 'INVALID_TRANSITION', details: { status: 'queued', action: 'execute' } });
    expect(queue.sent).toHaveLength(1);
  });

  const oak = { action: 'recolor', value: 'oak' };
  test.for([
    ['a concept of another preset', { concepts: { Logo: oak } }, 'concepts.Logo'],
    ['a concept named like a method', { concepts: { toString: oak } }, 'concepts.toString'],
    ['an unknown action', { concepts: { Floor: { action: 'explode' } } }, 'concepts.Floor.action'],
    ['a value for remove', { concepts: { Floor: { action: 'remove', value: 'x' } } }, 'concepts.Floor'],
    ['a colour that is none', { concepts: { Floor: { action: 'recolor', value: '#12345' } } }, 'concepts.Floor.value'],
    ['an unknown tone', { concepts: { Floor: { action: 'tone', value: 'loud' } } }, 'concepts.Floor.value'],
    ['no concept at all', { concepts: {} }, 'concepts'],
    ['an unknown protect', { concepts: { Floor: oak }, protect: ['Grout', 'Cat'] }, 'protect[1]'],
    ['what is changed as a protect', { concepts: { Floor: oak }, protect: ['Floor'] }, 'protect[0]'],
    ['an unknown template', { concepts: { Floor: oak }, outputTemplate: 'poster' }, 'outputTemplate'],
  ] as const)('refuses %s, and the job can still be executed', async ([, choice, field]) => {
    const { jobId } = await uploadedJob(user);
    const caught = await harmless(() => user.client.jobs.execute.mutate(wild({ jobId, ...choice })));
    expect(caught).toMatchObject({ code: 'VALIDATION_ERROR', httpStatus: 400 });
    expect(fieldOf(caught)).toBe(field);
    expect((await user.client.jobs.execute.mutate({ jobId, ...CHOICE })).status).toBe('queued');
  });

  test('refuses a rule that is for another preset', async () => {
    const { id } = await user.client.rules.create.mutate({
      name: 'Logo',
      presetId: 'seller',
      concepts: { Body: { action: 'remove' } },
    });
    const { jobId } = await uploadedJob(user);
    const caught = await harmless(() => user.client.jobs.execute.mutate({ jobId, ruleId: id }));
    expect(caught.code).toBe('VALIDATION_ERROR');
    expect(fieldOf(caught)).toBe('ruleId');
  });
});

describe('ids', () => {
  const namesNothing: [string, () => string][] = [
    ['nonsense', () => 'nonsense'],
    ['64 digits that we did not make', () => 'a'.repeat(64)],
    ['an id of another namespace', () => env.USER_LIMITER.idFromName(user.userId).toString()],
    ['a path', () => '../../x'],
  ];
  test.for(namesNothing)('%s is a job that is not found, and makes no object', async ([, id]) => {
    const jobId = id();
    for (const call of [
      () => user.client.jobs.get.query({ jobId }),
      () => user.client.jobs.cancel.mutate({ jobId }),
      () => user.client.jobs.create.mutate({ from: { jobId } }),
    ]) {
      expect(await harmless(call)).toMatchObject({ code: 'JOB_NOT_FOUND', httpStatus: 404, details: null });
    }
  });

  test('an altered digit in a real id is a job that is not found', async () => {
    const { jobId } = await createdJob(user);
    const altered = `${jobId.slice(0, -1)}${jobId.endsWith('0') ? '1' : '0'}`;
    expect(() => jobObject(altered)).toThrow();
    expect((await harmless(() => user.client.jobs.get.query({ jobId: altered }))).code).toBe('JOB_NOT_FOUND');
  });

  test('an empty id and one of 129 characters are bad input', async () => {
    for (const jobId of ['', 'a'.repeat(129)]) {
      const caught = await harmless(() => user.client.jobs.get.query({ jobId }));
      expect(caught.code).toBe('VALIDATION_ERROR');
      expect(fieldOf(caught)).toBe('jobId');
    }
  });

  test('a cursor that no list gave out is bad input', async () => {
    for (const list of [user.client.jobs.list, user.client.user.ledger]) {
      const caught = await harmless(() => list.query({ cursor: 'not a cursor' }));
      expect(caught.code).toBe('VALIDATION_ERROR');
      expect(fieldOf(caught)).toBe('cursor');
    }
  });
});

test('an unknown procedure and an unknown path are NOT_FOUND, and make no object', async () => {
  const objects = await countObjects();
  const rpc = await ask('/trpc/jobs.explode');
  expect(rpc.status).toBe(404);
  expect(await rpc.text()).toContain('"errorCode":"NOT_FOUND"');
  for (const path of ['/', '/jobs', '/jobs/x', '/jobs/x/callback', '/trpc', '/panel']) {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    const body = await answer.json();
    expect(body).toMatchObject({ success: false, data: null, error: { code: 'NOT_FOUND' } });
    expect(body).toMatchObject({ meta: { request_id: answer.headers.get('x-request-id') } });
  }
  expect(await countObjects()).toBe(objects);
});

test('a call without a token is AUTH_REQUIRED, and nothing of it is done', async () => {
  const caught = await harmless(() => clientFor(null).jobs.create.mutate({ preset: 'interior', photos: [PHOTO] }));
  expect(caught).toMatchObject({ code: 'AUTH_REQUIRED', httpStatus: 401, details: null });
});
