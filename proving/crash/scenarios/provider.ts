/** Lives that the GPU provider decides: it refuses, says nothing, fails at what it runs or forgets it; or the queue does not reach it. */
import { vi } from 'vitest';
import { GpuCalls } from '../../../server/src/durable-objects/job-coordinator/gpu-calls.ts';
import { admin } from '../../world/workerd/client.ts';
import { DAY, HOUR, MINUTE, START } from '../../world/workerd/clock.ts';
import { answering, gpu, losingTheAnswer } from '../../world/workerd/gpu.ts';
import type { Scenario } from './scenario.ts';

const allDone = { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] };

export const refusedOnce: Scenario = {
  name: 'refused by the provider once',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? answering(503)() : null);
    await world.job('queued');
  },
};

export const answerLost: Scenario = {
  name: "the provider's answer is lost",
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? losingTheAnswer() : null);
    await world.job('queued');
  },
};

export const answerUseless: Scenario = {
  name: "the provider's answer says nothing",
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? answering(500)() : null);
    await world.job('queued');
  },
};

export const canceledMeanwhile: Scenario = {
  name: 'canceled while the provider is asked, which then refuses',
  ending: { credits: '10 left, 0 spent', jobs: ['canceled, charged 0 of 2'] },
  play: async (world) => {
    let jobId = '';
    const cancel = () => world.client.jobs.cancel.mutate({ jobId, idempotencyKey: 'cancel-once' });
    world.provider = () => cancel().then(answering(503), answering(503));
    ({ jobId } = await world.job('queued'));
    await world.runUntil(START + MINUTE);
    await world.step(cancel);
  },
};

export const runComplete: Scenario = {
  name: 'a run that the provider calls complete, of which nothing came',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? Response.json({ id: 'complete' }) : null);
    let asked = 0;
    gpu.script.status = () => Response.json({ status: asked++ === 0 ? 'IN_PROGRESS' : 'COMPLETED' });
    await world.job('queued');
  },
};

export const runSilent: Scenario = {
  name: 'a run that is canceled for its silence',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? Response.json({ id: 'silent' }) : null);
    gpu.script.status = answering(500);
    let tries = 0;
    gpu.script.cancel = () => answering(tries++ === 0 ? 503 : 200)();
    await world.job('queued');
  },
};

export const runLost: Scenario = {
  name: 'a run that the provider had in its queue, and knows no more',
  ending: allDone,
  play: async (world) => {
    let lostAt = Number.POSITIVE_INFINITY;
    world.provider = (nth) => {
      if (nth > 1) return null;
      lostAt = Date.now() + MINUTE;
      return Response.json({ id: 'lost' });
    };
    // Between the first time that it is asked and the second, also where the first answer is lost and asked for again.
    gpu.script.status = () => (Date.now() < lostAt ? Response.json({ status: 'IN_QUEUE' }) : answering(404)());
    await world.job('queued');
  },
};

export const runFailed: Scenario = {
  name: 'a run that fails at the provider',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? Response.json({ id: 'failed' }) : null);
    gpu.script.status = () => Response.json({ status: 'FAILED', error: 'CUDA out of memory' });
    await world.job('queued');
  },
};

export const messageWrong: Scenario = {
  name: 'the provider says once that the message is wrong',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? answering(422)() : null);
    await world.job('queued');
  },
};

export const refusedForAnHour: Scenario = {
  name: 'refused by the provider for an hour, with more photos than go in one run',
  ending: { credits: '4 left, 6 spent', jobs: ['done, charged 6 of 6'] },
  play: async (world) => {
    world.provider = () => (Date.now() < START + HOUR ? answering(429)() : null);
    await world.job('queued', 6);
  },
};

export const deadLetterSentAgain: Scenario = {
  name: 'a dead letter that is sent again',
  ending: allDone,
  play: async (world) => {
    const broken = claimsFailUntil(START + MINUTE);
    try {
      await world.job('queued');
      await world.runUntil(START + HOUR);
    } finally {
      broken.mockRestore();
    }
  },
};

export const deadLetter: Scenario = {
  name: 'a dead letter, done again by hand',
  ending: { credits: '8 left, 2 spent', jobs: ['failed, charged 0 of 2', 'done, charged 2 of 2'] },
  play: async (world) => {
    let open = false;
    world.provider = () => (open ? null : answering(429)());
    const broken = claimsFailUntil(START + MINUTE);
    try {
      const { jobId } = await world.job('queued');
      // Beyond the time that it has.
      await world.runUntil(START + DAY + HOUR);
      open = true;
      await world.step(() => admin().admin.listDeadLetters.query());
      await world.step(() => admin().admin.job.query({ jobId }));
      await world.step(() => admin().admin.requeue.mutate({ jobId, idempotencyKey: 'requeue-once' }));
    } finally {
      broken.mockRestore();
    }
  },
};

/** Nobody can claim a run until then, so that the queue gives its message up. */
function claimsFailUntil(time: number) {
  const claim = GpuCalls.prototype.beginDispatch;
  return vi.spyOn(GpuCalls.prototype, 'beginDispatch').mockImplementation(function (this: GpuCalls, ...run) {
    if (Date.now() < time) throw new Error('the job cannot be reached');
    return Reflect.apply(claim, this, run);
  });
}
