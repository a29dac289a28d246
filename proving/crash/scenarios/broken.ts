/** Lives in which something else is broken already: a Worker that stopped, D1, the queue, an alarm that throws. */
import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { Effects } from '../../../server/src/durable-objects/job-coordinator/effects.ts';
import { Projection } from '../../../server/src/durable-objects/user-limiter/projection.ts';
import worker from '../../../server/src/index.ts';
import { admin, sessionOf } from '../../world/workerd/client.ts';
import { HOUR, MINUTE, START } from '../../world/workerd/clock.ts';
import { evict } from '../../world/workerd/eviction.ts';
import { CHOICE } from '../../world/workerd/jobs.ts';
import { jobObject, userObject, userRpc } from '../../world/workerd/objects.ts';
import { failSends } from '../../world/workerd/queue.ts';
import { stepOnce } from '../steps.ts';
import type { World } from '../world.ts';
import type { Scenario } from './scenario.ts';

const allDone = { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] };

export const neverCreated: Scenario = {
  name: 'a reservation whose job never came to be',
  ending: { credits: '10 left, 0 spent', jobs: ['never came to be, charged 0 of 2'] },
  play: async (world) => {
    const jobId = env.JOB_COORDINATOR.idFromName(`${world.userId}:never`).toString();
    await world.step(() =>
      userRpc(world.userId).reserve(sessionOf(world.userId), { jobId, preset: 'interior', amount: 2 }),
    );
  },
};

export const evicted: Scenario = {
  name: 'thrown out of memory after each step',
  ending: allDone,
  play: async (world) => {
    const evictBoth = async (jobId: string) => {
      await evict(userObject(world.userId));
      await evict(jobObject(jobId));
    };
    const job = await world.job('created');
    await evictBoth(job.jobId);
    await world.jobs.upload(job);
    await evictBoth(job.jobId);
    await world.jobs.execute(job);
    await evictBoth(job.jobId);
  },
};

export const storageDown: Scenario = {
  name: 'canceled while R2 does not answer',
  ending: { credits: '9 left, 1 spent', jobs: ['canceled, charged 1 of 2'] },
  play: async (world) => {
    world.photo = (idx) => (idx === 0 ? 'done' : 'silent');
    const { jobId } = await world.job('queued');
    // Beyond the first lease: the photo is done even if the consumer stopped with a claim in its hand.
    const done = START + 17 * MINUTE;
    await world.runUntil(done);
    const down = vi.spyOn(env.R2, 'list').mockImplementation(() => Promise.reject(new Error('R2 is down')));
    try {
      await stepOnce(world, () => world.client.jobs.cancel.mutate({ jobId }), 'ALREADY_CANCELED');
      await world.runUntil(done + MINUTE);
    } finally {
      down.mockRestore();
    }
  },
};

export const databaseDown: Scenario = {
  name: 'D1 is down for an hour',
  ending: allDone,
  play: async (world) => {
    const down = vi.spyOn(env.DB, 'batch').mockImplementation(() => Promise.reject(new Error('D1 is down')));
    try {
      await saveRule(world);
      await world.job('queued');
      await world.runUntil(START + HOUR);
    } finally {
      down.mockRestore();
    }
  },
};

export const reconciled: Scenario = {
  name: 'D1 lost rows, and is repaired',
  ending: allDone,
  play: async (world) => {
    await saveRule(world);
    const { jobId } = await world.job('queued');
    await world.runUntil(START + HOUR);
    await env.DB.batch([
      env.DB.prepare('DELETE FROM jobs_log WHERE job_id = ?').bind(jobId),
      env.DB.prepare('DELETE FROM rules WHERE user_id = ?').bind(world.userId),
      env.DB.prepare('UPDATE users SET credits = 1, version = 0 WHERE id = ?').bind(world.userId),
    ]);
    // The round comes to our user, alone among those of other runs, and then to its end.
    const settings = { ...env, RECONCILE_USERS: '1' };
    const place = 'UPDATE reconcile_round SET tries = 0, job_id = NULL, user_id =';
    const before = "(SELECT coalesce(max(id), '') FROM users WHERE id < ?)";
    await env.DB.prepare(`${place} ${before}`).bind(world.userId).run();
    await world.step(async () => worker.scheduled(createScheduledController(), settings));
    await env.DB.prepare(`${place} '~'`).run();
    await world.step(async () => worker.scheduled(createScheduledController(), settings));
    await world.step(() => admin().admin.reconcile.mutate({ userId: world.userId }));
    await world.step(() => admin().admin.reconcile.mutate({ cursor: '~' }));
    await world.step(() => admin().admin.health.query());
  },
  // The job is gone, which its user then knows.
  later: async (world) => {
    await world.step(() => admin().admin.reconcile.mutate({ userId: world.userId }));
  },
};

export const alarmThrows: Scenario = {
  name: "a job's alarm that throws",
  ending: allDone,
  play: async (world) => {
    failSends(1);
    await world.job('queued');
    const broken = vi.spyOn(Effects.prototype, 'perform').mockRejectedValueOnce(new Error('broken'));
    try {
      await world.runUntil(START + HOUR);
    } finally {
      broken.mockRestore();
    }
  },
};

export const userAlarmThrows: Scenario = {
  name: "a user's alarm that throws",
  ending: { credits: '10 left, 0 spent', jobs: [] },
  play: async (world) => {
    await saveRule(world);
    const broken = vi.spyOn(Projection.prototype, 'work').mockRejectedValueOnce(new Error('broken'));
    const down = vi.spyOn(env.DB, 'batch').mockRejectedValueOnce(new Error('D1 is down'));
    try {
      await world.runUntil(START + HOUR);
    } finally {
      broken.mockRestore();
      down.mockRestore();
    }
  },
};

export const unreachable: Scenario = {
  name: 'an object that cannot be reached at once',
  ending: allDone,
  play: async (world) => {
    const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementationOnce(() => {
      throw Object.assign(new Error('moved'), { retryable: true });
    });
    try {
      await world.job('queued');
    } finally {
      away.mockRestore();
    }
  },
};

/** Without a key, a client that lost the answer looks before it saves another one. */
async function saveRule(world: World): Promise<void> {
  await world.step(async (again) => {
    if (again && (await world.client.rules.list.query()).length > 0) return;
    await world.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE });
  });
}
