/**
 * A release can be taken back: what this one has stored goes on under the bundle of the release before it, and what that one made of it
 * goes on under this one again, with jobs at every stage under way. In bare workerd, over the same kept storage, D1, R2 and queue.
 */
import { expect, test } from 'vitest';
import { CHOICE } from '../../../proving/world/bundle/jobs.ts';
import { text } from '../../../proving/world/bundle/world.ts';
import { answering } from '../../../proving/world/gpu.ts';
import {
  ask,
  call,
  executed,
  expectSettled,
  gpu,
  LAST,
  now,
  resultsOf,
  start,
  statusOf,
  taken,
  untilStatus,
  upload,
  work,
} from './release-world.ts';

test(`what today's code stored goes on under release ${LAST}, and under today's code again, with jobs at every stage`, async () => {
  await start();
  const [ann, ben, cem] = [await now().signUpPro(), await now().signUpPro(), await now().signUpPro()];
  const rule = { name: 'Oak', presetId: 'interior', ...CHOICE };
  const ruleId = text(await call('rules.create', rule, ann), 'id');
  const created = await now().jobs.created(ann);
  const uploaded = await now().jobs.uploaded(ann);
  const running = await now().jobs.running(ann);
  await work(running, [0]);
  const done = await now().jobs.done(ben);
  const canceled = await now().jobs.running(ben);
  await work(canceled, [1]);
  await call('jobs.cancel', { jobId: canceled.jobId }, ben);
  // As if the object had stopped before its answer came: what it owes, it owes to whoever wakes it.
  const held = await now().production.objectStorage('JOB_COORDINATOR', { id: canceled.jobId });
  await held.exec(`UPDATE job SET state = json_set(state, '$.effects.settle', json('{"tries":1,"due":0}'))`);
  const other = await now().jobs.running(cem);
  gpu.script.dispatch = answering(429);
  const queued = await executed(await now().jobs.uploaded(cem));

  await start(LAST);
  gpu.accept();
  const me = await ask('user.me', undefined, ann);
  expect(me).toMatchObject({ plan: 'pro', activeJobs: 3, ruleSlots: { used: 1 } });
  expect(await ask('rules.list', undefined, ann)).toMatchObject([{ id: ruleId, name: 'Oak' }]);
  for (const [job, status] of [
    [created, 'created'],
    [uploaded, 'uploaded'],
    [running, 'running'],
    [done, 'done'],
    [canceled, 'canceled'],
  ] as const) {
    expect(await statusOf(job)).toBe(status);
  }
  await call('rules.update', { id: ruleId, name: 'Ash' }, ann);
  await upload(created);
  await call('jobs.cancel', { jobId: uploaded.jobId }, ann);
  await work(running, [1]);
  expect(await statusOf(running)).toBe('done');
  const begun = await taken(await executed(created));
  await work(begun, [0]);
  const queuedThere = await taken(queued);
  const madeThere = await now().jobs.uploaded(ben);

  await start();
  expect(await ask('rules.list', undefined, ann)).toMatchObject([{ id: ruleId, name: 'Ash' }]);
  for (const [job, status] of [
    [uploaded, 'canceled'],
    [running, 'done'],
    [begun, 'running'],
    [madeThere, 'uploaded'],
    [other, 'running'],
  ] as const) {
    expect(await statusOf(job)).toBe(status);
  }
  await work(begun, [1]);
  await work(queuedThere, [0, 1]);
  await call('jobs.cancel', { jobId: other.jobId }, cem);
  const finished = await taken(await executed(madeThere));
  await work(finished, [0, 1]);
  for (const job of [begun, queued, madeThere]) await untilStatus(job, 'done');
  // Two each of `running`, `begun`; `done`, one of `canceled`, `madeThere`; `queued`.
  await expectSettled(ann, 4);
  await expectSettled(ben, 5);
  await expectSettled(cem, 2);
  for (const [job, results] of [
    [running, 2],
    [begun, 2],
    [done, 2],
    [canceled, 1],
    [madeThere, 2],
    [queued, 2],
  ] as const) {
    expect(await resultsOf(job), job.jobId).toBe(results);
  }
  const errors = now().logs.filter((line) => line.includes('"level":"error"'));
  expect(errors).toEqual([]);
}, 180_000);
