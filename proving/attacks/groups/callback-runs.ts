/** Callbacks with good credentials that name a run which is not that of their photo: the number in the address, and the one in the body. */

import { at, type Reply } from '../../world/bundle/http.ts';
import { untilDispatch } from '../../world/bundle/jobs.ts';
import { data, type World } from '../../world/bundle/world.ts';
import { NO_RUNS } from '../../world/gpu.ts';
import { answers, must } from '../attack.ts';
import { callbacks, outcomesOf } from './callbacks.ts';

type Reported = { jobId: string; token: string };

/** A report under whatever stands for the run in the address. */
const reportUnder = (world: World, { jobId, token }: Reported, named: string, body: object): Promise<Reply> =>
  world.send(`/jobs/${jobId}/callback?attempt=${encodeURIComponent(named)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

callbacks.attack('a number in the address that is that of no run', answers(400, 'VALIDATION_ERROR'), (world) => {
  const job = world.victim.jobs.running as unknown as Reported;
  return Promise.all(NO_RUNS.map((named) => reportUnder(world, job, named, { idx: 0, status: 'failed', attempt: 1 })));
});

/** Leases of the runs that are out, by their numbers. */
async function leasesOf(world: World, jobId: string): Promise<Map<number, number>> {
  const job = data(await world.query('admin.job', { jobId }, { token: world.setting('ADMIN_SECRET') }));
  const runs = at(job, 'runs') as { attempt: number; leaseUntil: number }[];
  return new Map(runs.map(({ attempt, leaseUntil }) => [attempt, leaseUntil]));
}

/** Six photos in runs of three: the second is out because the first has begun. Photos 0 to 2 are in the first, 0 is done with, and 2 stays open. */
async function twoRuns(world: World): Promise<Reported> {
  const job = await world.jobs.running(await world.signUp(), 6);
  const first = await reportUnder(world, job, '1', { idx: 0, status: 'failed' });
  must(outcomesOf(first) === 'accepted', `the first result was not taken: ${first.body}`);
  await world.gpu.dispatchOf(job.jobId, 2);
  await untilDispatch(world.production, job.jobId, 'sent', 2);
  return job;
}

for (const [which, named] of [
  ['a run that is still to come', 3],
  ['another run', 2],
] as const) {
  callbacks.staged(
    `results under the number of ${which}: each photo is settled once, and the lease of its own run stays as it is`,
    answers(200),
    async (world) => {
      const job = await twoRuns(world);
      const before = await leasesOf(world, job.jobId);
      return async () => {
        const taken = await reportUnder(world, job, String(named), { idx: 1, status: 'failed', attempt: 1 });
        must(outcomesOf(taken) === 'accepted', `an open photo answered ${taken.body}`);
        const again = [1, 2, 3].map((number) =>
          reportUnder(world, job, String(number), { idx: 1, status: 'done', attempt: number }),
        );
        const replies = await Promise.all(again);
        must(
          replies.every((reply) => outcomesOf(reply) === 'duplicate'),
          `a settled photo answered ${replies.map(outcomesOf)}`,
        );
        const after = await leasesOf(world, job.jobId);
        const renewed = [...after].filter(
          ([number, until]) => number !== named && (before.get(number) ?? until) < until,
        );
        must(renewed.length === 0, `the lease of run ${renewed[0]?.[0]} was renewed under the number ${named}`);
        return [taken, ...replies];
      };
    },
    { world: 'runs', changes: [/^job\//, /^user\//, /^d1\//] },
  );
}

callbacks.staged(
  'a thousand results under numbers that are none keep no silent run alive',
  answers(200),
  async (world) => {
    const job = await twoRuns(world);
    const before = await leasesOf(world, job.jobId);
    return async () => {
      // All of them settled, or settled by the first of them.
      const items = Array.from({ length: 200 }, (_, nth) => ({
        idx: nth % 2,
        status: 'failed',
        attempt: 1 + (nth % 2),
      }));
      const replies = [];
      for (const named of [7, 8, 9, 10, 11]) replies.push(await reportUnder(world, job, String(named), { items }));
      const after = await leasesOf(world, job.jobId);
      const renewed = [...after].filter(([number, until]) => (before.get(number) ?? until) < until);
      must(renewed.length === 0, `the lease of run ${renewed[0]?.[0]} was renewed`);
      return replies;
    };
  },
  { world: 'runs', changes: [/^job\//, /^user\//, /^d1\//] },
);
