/** Presigning, continued: a URL that was used, that is too old, or whose job is over. */

import { PHOTO, unsized } from '../../world/bundle/jobs.ts';
import { data, type World } from '../../world/bundle/world.ts';
import { passes, SECOND, until } from '../../world/clock.ts';
import { answers, Breach, must } from '../attack.ts';
import { DENIED, presigning, put, slot } from './presigning.ts';

presigning.staged('PUT a second time', answers(412), async (world) => {
  const job = await world.jobs.uploaded(await world.signUp(), 1);
  const { url, headers } = slot(job);
  return () => put(world, url, unsized(headers), Buffer.alloc(PHOTO.length, 7));
});
presigning.staged(
  'two PUTs at once: one lies there',
  answers([200, 412]),
  async (world) => {
    const job = await world.jobs.created(await world.signUp(), 1);
    const { url, headers } = slot(job);
    return async () => {
      const replies = await Promise.all(
        [1, 2].map((n) => put(world, url, unsized(headers), Buffer.alloc(PHOTO.length, n))),
      );
      must(
        replies.filter(({ status }) => status === 200).length === 1,
        `they answered ${replies.map(({ status }) => status)}`,
      );
      return replies;
    };
  },
  { changes: [/^r2\/inputs\//] },
);
presigning.staged(
  'PUT after its expiry',
  DENIED,
  async (world) => {
    const job = await world.jobs.created(await world.signUp(), 1);
    const { url, headers } = slot(job);
    await passes(3100);
    return () => put(world, url, unsized(headers));
  },
  { world: 'short' },
);
presigning.staged(
  'PUT to a canceled job, then after its clean-up: nothing is left',
  answers([200, 403]),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 1);
    data(await world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }));
    const { url, headers } = slot(job);
    return async () => {
      const first = await put(world, url, unsized(headers));
      await untilGone(world, job.jobId);
      const second = await put(world, url, unsized(headers));
      must(second.status === 403, `after its clean-up it answered ${second.status}`);
      return [first, second];
    };
  },
  { world: 'short', changes: [/^job\//, /^user\//, /^d1\//] },
);
presigning.staged(
  "a GPU worker's PUT after the job's clean-up",
  DENIED,
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.at('done', owner, 1, { asked: { masks: true } });
    const item = job.dispatch.items[0];
    data(await world.mutate('jobs.delete', { jobId: job.jobId }, { token: owner.token }));
    must(item !== undefined, 'the dispatch has no photo');
    await untilGone(world, job.jobId);
    return () =>
      Promise.all(
        [
          [item.output_url, job.dispatch.output_type],
          [item.preview_url, 'image/jpeg'],
          [item.instances_url ?? '', 'application/json'],
          [Object.values(item.mask_urls)[0] ?? '', 'image/png'],
        ].map(([url = '', type = '']) => put(world, url, { 'content-type': type }, 'late')),
      );
  },
  { world: 'short' },
);

type Storage = Awaited<ReturnType<World['production']['objectStorage']>>;

/** Null when the object has forgotten its job. */
async function storedState(storage: Storage): Promise<{ tidied: boolean; putsExpireAt: number } | null> {
  try {
    return JSON.parse(String((await storage.exec('SELECT state FROM job'))[0]?.state));
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such table')) return null;
    throw error;
  }
}

/** Until the bucket holds nothing of the job and no signed PUT of it is good any more: the object has forgotten itself then. */
async function untilGone(world: World, jobId: string): Promise<void> {
  const bucket = await world.production.mf.getR2Bucket('R2');
  const storage = await world.production.objectStorage('JOB_COORDINATOR', { id: jobId });
  const isGone = async () => {
    const state = await storedState(storage);
    const { objects } = await bucket.list({ limit: 1000 });
    const left = objects.some(({ key }) => key.includes(jobId));
    return !left && (state === null || (state.tidied && state.putsExpireAt < Date.now()));
  };
  const what = `job ${jobId} was not cleaned up`;
  await until(isGone, what, { patience: 15 * SECOND, pause: 50 }, () => new Breach(what));
}
