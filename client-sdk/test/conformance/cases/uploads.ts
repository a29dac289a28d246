/** From create to uploaded. */
import type { Case } from '../env.ts';
import { equal, matches, ok, refused } from '../expect.ts';
import { created, jpeg, newUser, put, uploaded } from '../steps.ts';

export const uploadCases: Case[] = [
  {
    name: 'create holds one credit a photo and answers with a signed PUT for each',
    async run(env) {
      const user = await newUser(env);
      const job = await created(user, 3);
      equal([job.status, job.uploads.map(({ idx }) => idx)], ['created', [0, 1, 2]], 'the job');
      ok(job.deadline instanceof Date && job.uploads[0]?.expiresAt instanceof Date, 'dates');
      const me = await user.client.user.me();
      equal([me.credits.balance, me.credits.held, me.activeJobs], [7, 3, 1], 'balance, held, jobs');
    },
  },
  {
    name: 'the same key returns the same job, and with other photos it is IDEMPOTENCY_CONFLICT',
    async run(env) {
      const { client } = await newUser(env);
      const idempotencyKey = crypto.randomUUID();
      const create = (bytes: number) =>
        client.jobs.create({ preset: 'interior', photos: [{ contentType: 'image/png', bytes }], idempotencyKey });
      const first = await create(10);
      equal((await create(10)).jobId, first.jobId, 'the repeated job');
      const conflict = await refused(create(11), 'IDEMPOTENCY_CONFLICT');
      equal(conflict.data, { field: 'idempotencyKey' }, 'data');
      equal((await client.user.me()).credits.held, 1, 'held');
    },
  },
  {
    name: 'a plan is kept to: photos a job, jobs at a time, and credits, which estimate says before',
    async run(env) {
      const user = await newUser(env);
      const many = await refused(created(user, 11), 'ITEM_LIMIT');
      equal(many.data, { field: 'photos', limit: 10, actual: 11 }, 'data of ITEM_LIMIT');
      equal(
        await user.client.jobs.estimate({ preset: 'interior', photos: 11 }),
        { credits: 11, balance: 10, allowed: false, reason: 'ITEM_LIMIT' },
        'estimate of too many',
      );
      const { jobId } = await created(user, 8);
      const second = await refused(created(user, 1), 'CONCURRENCY_LIMIT');
      equal(second.data, { limit: 1, activeJobs: [jobId] }, 'data of CONCURRENCY_LIMIT');
      await env.control.upgrade(user.userId);
      equal(
        await user.client.jobs.estimate({ preset: 'interior', photos: 100 }),
        { credits: 100, balance: 202, allowed: true },
        'estimate after the upgrade',
      );
    },
  },
  {
    name: 'more photos than credits is CREDITS_EXHAUSTED, with what is needed and what is left',
    async run(env) {
      const user = await newUser(env);
      const { jobId } = await created(user, 4);
      await env.control.upgrade(user.userId);
      const photos = Array.from({ length: 200 }, () => ({ contentType: 'image/webp' as const, bytes: 9 }));
      await user.client.jobs.create({ preset: 'seller', photos });
      const poor = await refused(user.client.jobs.create({ preset: 'seller', photos }), 'CREDITS_EXHAUSTED');
      equal(poor.data, { needed: 200, balance: 6 }, 'data');
      await user.client.jobs.cancel({ jobId });
      equal((await user.client.user.me()).credits.balance, 10, 'balance after a cancel');
    },
  },
  {
    name: 'bad photos are refused by the field, and hold nothing',
    async run(env) {
      const { client } = await newUser(env);
      const create = (photos: unknown[]) => client.jobs.create({ preset: 'interior', photos: photos as never });
      const big = { contentType: 'image/jpeg', bytes: 25_000_001 };
      const good = { contentType: 'image/jpeg', bytes: 25_000_000 };
      equal((await refused(create([good, big]), 'VALIDATION_ERROR')).data.field, 'photos[1].bytes', 'too large');
      const gif = { contentType: 'image/gif', bytes: 1 };
      equal((await refused(create([gif]), 'VALIDATION_ERROR')).data.field, 'photos[0].contentType', 'wrong type');
      equal((await refused(create([]), 'VALIDATION_ERROR')).data.field, 'photos', 'none');
      const unknown = client.jobs.create({ preset: 'garden' as 'seller', photos: [good as never] });
      equal((await refused(unknown, 'PRESET_NOT_FOUND')).data.field, 'preset', 'unknown preset');
      equal((await client.user.me()).credits.held, 0, 'held');
    },
  },
  {
    name: 'a signed PUT takes its photo once: another type or length is 403, a second one 412',
    async run(env) {
      const user = await newUser(env);
      const { uploads } = await created(user, 1);
      const upload = uploads[0];
      ok(upload, 'an upload');
      const status = async (answer: Promise<Response>) => {
        const given = await answer;
        await given.arrayBuffer();
        return given.status;
      };
      // A 403 comes without CORS headers, as from R2: a page is not shown it.
      const refusal = 'document' in globalThis ? 'nothing to be seen' : 403;
      const refusalOf = (answer: Promise<Response>) =>
        refusal === 403
          ? status(answer)
          : status(answer).catch((error) => (error instanceof TypeError ? refusal : error));
      const png = { ...upload, headers: { ...upload.headers, 'content-type': 'image/png' } };
      equal(await refusalOf(put(env, png, jpeg(0))), refusal, 'another type');
      equal(await refusalOf(put(env, upload, jpeg(1))), refusal, 'another length');
      const elsewhere = { ...upload, url: upload.url.replace('/0.jpg', '/1.jpg') };
      equal(await refusalOf(put(env, elsewhere, jpeg(0))), refusal, 'another key');
      equal(await status(put(env, upload, jpeg(0))), 200, 'the photo');
      equal(await status(put(env, upload, jpeg(0))), 412, 'once more');
    },
  },
  {
    name: 'confirm names the photos that are missing, and does again what it did',
    async run(env) {
      const user = await newUser(env);
      const { jobId, uploads } = await created(user, 3);
      await put(env, uploads[1]!, jpeg(1)).then((answer) => answer.arrayBuffer());
      const gaps = await refused(user.client.jobs.confirmUpload({ jobId }), 'UPLOAD_INCOMPLETE');
      equal(gaps.data, { missing: [0, 2], wrong: [] }, 'data');
      const again = await user.client.jobs.renewUploads({ jobId, indexes: [2, 0] });
      equal(
        again.uploads.map(({ idx }) => idx),
        [2, 0],
        'renewed',
      );
      for (const upload of again.uploads)
        await put(env, upload, jpeg(upload.idx)).then((answer) => answer.arrayBuffer());
      equal(await user.client.jobs.confirmUpload({ jobId }), { status: 'uploaded' }, 'confirmed');
      equal(await user.client.jobs.confirmUpload({ jobId }), { status: 'uploaded' }, 'confirmed twice');
      const late = await refused(user.client.jobs.renewUploads({ jobId, indexes: [0] }), 'INVALID_TRANSITION');
      equal(late.data, { status: 'uploaded', action: 'renewUploads' }, 'data of a late renewal');
    },
  },
  {
    name: 'absent and foreign jobs look the same in every call that takes an id',
    async run(env) {
      const owner = await newUser(env);
      const jobId = await uploaded(env, owner, 1);
      const { client } = await newUser(env);
      for (const id of [jobId, 'f'.repeat(64), 'nonsense']) {
        await refused(client.jobs.get({ jobId: id }), 'JOB_NOT_FOUND');
        await refused(client.jobs.confirmUpload({ jobId: id }), 'JOB_NOT_FOUND');
        await refused(client.jobs.renewUploads({ jobId: id, indexes: [0] }), 'JOB_NOT_FOUND');
        await refused(client.jobs.execute({ jobId: id, concepts: { Floor: { action: 'remove' } } }), 'JOB_NOT_FOUND');
        await refused(client.jobs.cancel({ jobId: id }), 'JOB_NOT_FOUND');
        await refused(client.jobs.delete({ jobId: id }), 'JOB_NOT_FOUND');
        await refused(client.jobs.create({ from: { jobId: id } }), 'JOB_NOT_FOUND');
      }
      matches(await owner.client.jobs.get({ jobId }), { status: 'uploaded' }, 'the owner’s job');
    },
  },
];
