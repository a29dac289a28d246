/** Lives that the user decides: everything goes well, or is called off, forgotten, deleted, made again. */
import { expect } from 'vitest';
import type { ExportPage } from '../../../server/src/contract/export.ts';
import { admin, ask, clientFor } from '../../world/workerd/client.ts';
import { DAY, HOUR, MINUTE, START } from '../../world/workerd/clock.ts';
import { CHOICE, dispatchOf, doneItem, photos, putInputs, putResults, report } from '../../world/workerd/jobs.ts';
import { sqlIn, userObject } from '../../world/workerd/objects.ts';
import { answered } from '../answered.ts';
import { refusedStep, stepOnce } from '../steps.ts';
import type { Scenario } from './scenario.ts';

export const signUp: Scenario = {
  name: 'sign-up',
  opensAtOnce: true,
  ending: { credits: '217 left, 0 spent', jobs: [] },
  play: async (world) => {
    await world.step(() => world.client.auth.renew.mutate());
    await world.becomePro();
    const grant = { userId: world.userId, amount: 7, reason: 'a gift', idempotencyKey: 'gift-once' };
    await world.step(() => admin().admin.grantCredits.mutate(grant));
    await world.step(() => world.client.user.me.query());
    await world.step(() => world.client.user.ledger.query());
    await stepOnce(world, () => world.client.auth.revoke.mutate(), 'TOKEN_INVALID');
  },
};

export const revokedFirst: Scenario = {
  name: 'a revocation as the first change',
  ending: { credits: '10 left, 0 spent', jobs: [] },
  play: async (world) => {
    await stepOnce(world, () => world.client.auth.revoke.mutate(), 'TOKEN_INVALID');
  },
};

export const paidFirst: Scenario = {
  name: 'a payment as the first change',
  ending: { credits: '17 left, 0 spent', jobs: [] },
  play: async (world) => {
    const grant = { userId: world.userId, amount: 7, reason: 'paid', idempotencyKey: 'paid-once' };
    await world.step(() => admin().admin.grantCredits.mutate(grant));
  },
};

export const adopted: Scenario = {
  name: 'an account that was elsewhere before',
  ending: { credits: '5 left, 0 spent', jobs: [] },
  play: async (world) => {
    const had = { plan: 'free', credits: 5, deviceHash: 'a-device', createdAt: START, rules: [] };
    await world.step(() => admin().admin.adopt.mutate({ userId: world.userId, ...had }));
  },
};

export const rules: Scenario = {
  name: 'rules',
  ending: { credits: '9 left, 1 spent', jobs: ['done, charged 1 of 1'] },
  play: async (world) => {
    const draft = { presetId: 'interior' as const, ...CHOICE };
    // Without a key, a client that lost the answer looks before it creates another one.
    const save = (name: string) =>
      world.step(async (again) => {
        const known = again ? (await world.client.rules.list.query()).find((rule) => rule.name === name) : undefined;
        return known ?? world.client.rules.create.mutate({ name, ...draft });
      });
    const oak = await save('Oak');
    const gone = await save('Gone');
    await world.step(() => world.client.rules.update.mutate({ id: oak.id, name: 'Oak floor' }));
    await stepOnce(world, () => world.client.rules.delete.mutate({ id: gone.id }), 'RULE_NOT_FOUND');
    await world.step(() => world.client.rules.get.query({ id: oak.id }));
    const { jobId } = await world.job('uploaded', 1);
    await world.step(() => world.client.jobs.execute.mutate({ jobId, ruleId: oak.id, idempotencyKey: 'execute-once' }));
  },
};

export const happy: Scenario = {
  name: 'one photo done, one failed',
  ending: { credits: '9 left, 1 spent', jobs: ['done, charged 1 of 2'] },
  play: async (world) => {
    world.photo = (idx) => (idx === 0 ? 'done' : 'failed');
    const { jobs } = world.client;
    await world.step(() => jobs.estimate.query({ preset: 'interior', photos: 2 }));
    const job = await world.job('created');
    const { jobId } = job;
    await world.step(() => jobs.list.query());
    await world.step(() => jobs.renewUploads.mutate({ jobId, indexes: [0, 1] }));
    await world.jobs.upload(job);
    await world.jobs.execute(job);
    await world.runUntil(START + HOUR);
    await world.step(() => jobs.get.query({ jobId }));
    await world.step(() => jobs.downloads.mutate({ jobId, files: [{ idx: 0 }, { idx: 1, kind: 'original' }] }));
    await world.step(() => jobs.list.query());
    // A key whose job is over shows that job.
    await world.job('created');
    await world.step(() => ask('/health'));
    await world.step(() => ask('/health', { method: 'HEAD' }));
  },
  later: async (world) => {
    const { token } = await world.step(() => world.client.auth.renew.mutate());
    const jobId = world.jobIds[0] ?? '';
    await world.step(() => clientFor(token).jobs.get.query({ jobId }));
  },
};

export const canceled: Scenario = {
  name: 'canceled with one photo done',
  ending: { credits: '9 left, 1 spent', jobs: ['canceled, charged 1 of 2'] },
  play: async (world) => {
    world.photo = (idx) => (idx === 0 ? 'done' : 'silent');
    const { jobId } = await world.job('queued');
    // Long enough for a second attempt, should the first one be lost.
    await world.runUntil(START + HOUR / 3);
    await world.step(() => world.client.jobs.cancel.mutate({ jobId, idempotencyKey: 'cancel-once' }));
    // The GPU worker did not hear of it yet.
    const job = { userId: world.userId, jobId, photos: 2, dispatch: dispatchOf(jobId) };
    await putResults(job, [1]);
    await world.step(() => answered(report(job, doneItem(job, 1))));
  },
};

export const expired: Scenario = {
  name: 'never uploaded',
  ending: { credits: '10 left, 0 spent', jobs: ['canceled, charged 0 of 2'] },
  play: async (world) => {
    const { jobId } = await world.job('created');
    await putInputs({ userId: world.userId, jobId }, [0]);
    await refusedStep(world, () => world.client.jobs.confirmUpload.mutate({ jobId }), 'UPLOAD_INCOMPLETE');
  },
  // Its object is long gone, and what history has of it goes on demand as well.
  later: async (world) => {
    const { token } = await world.step(() => world.client.auth.renew.mutate());
    const jobId = world.jobIds[0] ?? '';
    await stepOnce(world, () => clientFor(token).jobs.delete.mutate({ jobId }), 'JOB_NOT_FOUND');
  },
};

export const slow: Scenario = {
  name: 'uploaded for longer than an hour',
  ending: { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] },
  play: async (world) => {
    const job = await world.job('created');
    for (const minutes of [50, 100]) {
      await world.runUntil(START + minutes * MINUTE);
      await world.step(() => world.client.jobs.renewUploads.mutate({ jobId: job.jobId, indexes: [0, 1] }));
    }
    await world.runUntil(START + 150 * MINUTE);
    await world.jobs.upload(job);
    await world.jobs.execute(job);
  },
};

export const notExecuted: Scenario = {
  name: 'never executed',
  ending: { credits: '10 left, 0 spent', jobs: ['canceled, charged 0 of 2'] },
  play: async (world) => {
    await world.job('uploaded');
  },
};

export const deleted: Scenario = {
  name: 'deleted',
  ending: { credits: '8 left, 2 spent', jobs: ['deleted, charged 2 of 2'] },
  play: async (world) => {
    const { jobId } = await world.job('queued');
    await world.runUntil(START + HOUR);
    await stepOnce(world, () => world.client.jobs.delete.mutate({ jobId }), 'JOB_NOT_FOUND');
    const again = { preset: 'interior' as const, photos: photos(2), idempotencyKey: 'job-once' };
    await refusedStep(world, () => world.client.jobs.create.mutate(again), 'IDEMPOTENCY_CONFLICT');
  },
};

export const forked: Scenario = {
  name: 'made from another job, which is deleted meanwhile',
  ending: { credits: '207 left, 3 spent', jobs: ['deleted, charged 2 of 2', 'done, charged 1 of 1'] },
  play: async (world) => {
    await world.becomePro();
    const { jobId: source } = await world.job('queued');
    await world.runUntil(START + HOUR);
    const fork = () => world.job('created', 1, 'fork-once', { jobId: source, indexes: [1] });
    const job = await fork();
    await stepOnce(world, () => world.client.jobs.delete.mutate({ jobId: source }), 'JOB_NOT_FOUND');
    await fork();
    await world.runUntil(START + 6 * HOUR);
    await world.jobs.execute(job);
  },
};

export const tooLateToFork: Scenario = {
  name: 'made from another job, whose photos were deleted',
  ending: {
    credits: '207 left, 3 spent',
    jobs: ['deleted, charged 2 of 2', 'done, charged 1 of 1', 'never came to be, charged 0 of 1'],
  },
  play: async (world) => {
    await world.becomePro();
    const { jobId: source } = await world.job('queued');
    await world.runUntil(START + HOUR);
    const { jobs } = world.client;
    const { jobId } = await world.job('queued', 1, 'fork-once', { jobId: source, indexes: [1] });
    await world.runUntil(START + 2 * HOUR);
    await stepOnce(world, () => jobs.delete.mutate({ jobId: source }), 'JOB_NOT_FOUND');
    const second = { from: { jobId }, idempotencyKey: 'fork-twice' };
    // Whoever asks again may find that the reservation was given up.
    await refusedStep(world, () => jobs.create.mutate(second), 'INVALID_TRANSITION', 'IDEMPOTENCY_CONFLICT');
  },
};

export const exported: Scenario = {
  name: 'taken along',
  ending: { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] },
  play: async (world) => {
    await world.job('queued');
    await world.runUntil(START + HOUR);
    const pages = async (client = world.client) => {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const at = cursor;
        const page: ExportPage = await world.step(() =>
          client.user.export.query(at === undefined ? {} : { cursor: at }),
        );
        cursor = page.nextCursor;
      }
    };
    await pages();
  },
  // Its object is gone: history tells.
  later: async (world) => {
    const { token } = await world.step(() => world.client.auth.renew.mutate());
    const client = clientFor(token);
    for (const cursor of [undefined, 'receipts']) {
      await world.step(() => client.user.export.query(cursor === undefined ? {} : { cursor }));
    }
  },
};

export const erased: Scenario = {
  name: 'deleted with everything',
  ending: { credits: 'deleted', jobs: [] },
  play: async (world) => {
    await world.becomePro();
    await world.step(() => world.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE }));
    await world.job('queued');
    await world.runUntil(START + HOUR);
    await world.step(() =>
      world.client.jobs.create.mutate({ preset: 'interior', photos: photos(2), idempotencyKey: 'job-second' }),
    );
    await world.step(() => world.client.user.delete.mutate());
    await world.step(() => admin().admin.deleteUser.mutate({ userId: world.userId }));
  },
  // No token of his can be shown any more.
  later: async (world) => {
    await world.runUntil(START + 70 * DAY);
    expect(await sqlIn(userObject(world.userId), "SELECT 1 FROM sqlite_master WHERE name = 'account'")).toEqual([]);
  },
};
