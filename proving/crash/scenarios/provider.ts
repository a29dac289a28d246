/** Lives that the GPU provider decides: it refuses, says nothing, or forgets what it runs. */
import { admin } from '../../world/workerd/client.ts';
import { HOUR, MINUTE, START } from '../../world/workerd/clock.ts';
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

export const runForgotten: Scenario = {
  name: 'a run that the provider forgets',
  ending: allDone,
  play: async (world) => {
    world.provider = (nth) => (nth === 1 ? Response.json({ id: 'forgotten' }) : null);
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

export const deadLetter: Scenario = {
  name: 'a dead letter, done again by hand',
  ending: { credits: '8 left, 2 spent', jobs: ['failed, charged 0 of 2', 'done, charged 2 of 2'] },
  play: async (world) => {
    let open = false;
    world.provider = () => (open ? null : answering(429)());
    const { jobId } = await world.job('queued');
    await world.runUntil(START + 3 * HOUR);
    open = true;
    await world.step(() => admin().admin.listDeadLetters.query());
    await world.step(() => admin().admin.job.query({ jobId }));
    await world.step(() => admin().admin.requeue.mutate({ jobId, idempotencyKey: 'requeue-once' }));
  },
};
