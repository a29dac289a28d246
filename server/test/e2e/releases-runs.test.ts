/** Over a rollback and back (releases.test.ts): runs of which the release before knows nothing, and the masks that it promised. */
import { expect, test } from 'vitest';
import { CHOICE, type Job, type Running } from '../../../proving/world/bundle/jobs.ts';
import {
  ask,
  call,
  expectSettled,
  gpu,
  LAST,
  now,
  resultsOf,
  start,
  statusOf,
  until,
  untilStatus,
  work,
} from './release-world.ts';

test(`masks over a rollback to release ${LAST}: what it executed was promised them and has them at every attempt, and nothing else does`, async () => {
  await start();
  const over = new Set<string>();
  gpu.script.status = (id) => Response.json({ id, status: over.has(id) ? 'FAILED' : 'IN_PROGRESS' });
  const [ann, ben] = [await now().signUpPro(), await now().signUpPro()];
  const execute = (job: Job) =>
    call('jobs.execute', { jobId: job.jobId, ...CHOICE, idempotencyKey: `${job.jobId.slice(0, 16)}-once` }, job.owner);
  const masksOf = async (job: Job, attempt: number) => {
    const { items } = (await gpu.dispatchOf(job.jobId, attempt)).message;
    return items.map(({ mask_urls, instances_url }) => [
      Object.keys(mask_urls).length > 0,
      instances_url !== undefined,
    ]);
  };
  /** The provider lost that attempt. */
  const lose = (job: Job, attempt: number) => over.add(`run-${job.jobId.slice(0, 8)}-${attempt}`);
  const [all, none] = [
    [
      [true, true],
      [true, true],
    ],
    [
      [false, false],
      [false, false],
    ],
  ];
  const today = await now().jobs.uploaded(ann);
  await execute(today);
  expect(await masksOf(today, 1)).toEqual(none);

  await start(LAST);
  const before = await now().jobs.uploaded(ben);
  await execute(before);
  expect(await masksOf(before, 1)).toEqual(all);
  // It knows of no choice: so be it, but it is the same execution.
  await execute(today);
  lose(today, 1);
  expect(await masksOf(today, 2)).toEqual(all);

  await start();
  await execute(today);
  await execute(before);
  lose(today, 2);
  lose(before, 1);
  // In halves, by now.
  expect(await masksOf(today, 3)).toEqual(none.slice(1));
  expect(await masksOf(before, 2)).toEqual(all.slice(1));
  for (const [job, attempt] of [
    [today, 2],
    [before, 1],
  ] as const) {
    const dispatch = (await gpu.dispatchOf(job.jobId, attempt)).message;
    await work({ ...job, dispatch, token: dispatch.callback_token }, [0, 1]);
  }
  for (const job of [today, before]) await untilStatus(job, 'done');
  await expectSettled(ann, 2);
  await expectSettled(ben, 2);
}, 180_000);

test(`a job whose photos are in several runs goes on under release ${LAST} with all that is open, and under today's code again`, async () => {
  await start();
  const ann = await now().signUpPro();
  const first = await now().jobs.running(ann, 30);
  const dispatched = async (what: string, holds: (photos: number, attempt: number) => boolean): Promise<Running> => {
    const found = () => gpu.dispatchesOf(first.jobId).find(({ items, attempt }) => holds(items.length, attempt));
    await until(what, async () => found() !== undefined);
    return { ...first, dispatch: found() ?? expect.unreachable() };
  };
  const photosOf = ({ dispatch }: Running) => dispatch.items.map(({ idx }) => idx);
  expect(photosOf(first)).toEqual([0, 1, 2, 3]);
  await work(first, [0]);
  const second = await dispatched('the second run', (_, attempt) => attempt === 2);
  await work(second, photosOf(second).slice(0, 2));
  await dispatched('the third run', (_, attempt) => attempt === 3);

  await start(LAST);
  // The runs that were out are over there when it asks.
  gpu.script.status = () => Response.json({ status: 'COMPLETED' });
  expect(await ask('jobs.get', { jobId: first.jobId }, ann)).toMatchObject({
    status: 'running',
    progress: { done: 3 },
  });
  const all = await dispatched('all that is open', (photos) => photos === 27);
  await work(all, photosOf(all).slice(0, 5));
  await work(second, photosOf(second).slice(2));

  await start();
  expect(await ask('jobs.get', { jobId: first.jobId }, ann)).toMatchObject({
    status: 'running',
    progress: { total: 30 },
  });
  for (let run = 0; run < 60 && (await statusOf(first)) === 'running'; run++) {
    const known = gpu.dispatchesOf(first.jobId).length;
    const view = (await ask('jobs.get', { jobId: first.jobId }, ann)) as { items: { idx: number; status: string }[] };
    const open = new Set(view.items.filter(({ status }) => status !== 'done').map(({ idx }) => idx));
    const last = { ...first, dispatch: gpu.dispatchesOf(first.jobId).at(-1) ?? expect.unreachable() };
    const mine = photosOf(last).filter((idx) => open.has(idx));
    if (mine.length > 0) await work(last, mine);
    else await until('the next run', async () => gpu.dispatchesOf(first.jobId).length > known);
  }
  await untilStatus(first, 'done');
  await expectSettled(ann, 30);
  expect(await resultsOf(first)).toBe(30);
  expect(now().logs.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}, 180_000);
