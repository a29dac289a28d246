/** A life that is watched: whatever stops on the way, the watcher comes back and has been told everything once. */
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { HOUR, MINUTE, START } from '../../world/workerd/clock.ts';
import { sqlIn, userObject } from '../../world/workerd/objects.ts';
import { type Told, Watcher } from '../../world/workerd/watch.ts';
import { stepOnce } from '../steps.ts';
import type { World } from '../world.ts';
import type { Scenario } from './scenario.ts';

export const watched: Scenario = {
  name: 'watched from the queue to the end',
  ending: { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] },
  play: async (world) => {
    const { jobId } = await world.job('queued');
    const told: Told[] = [];
    const first = await watch(world, jobId);
    await world.runUntil(START + HOUR);
    told.push(...first.told);
    // Its socket was lost, or has ended with the job: either way there is nothing more to it than this.
    const rest = await watch(world, jobId, told.at(-1)?.id);
    await rest.untilEnd();
    told.push(...rest.told);
    const photos = told.flatMap(({ event }) => (event.type === 'item' ? [event.idx] : []));
    expect(photos, 'photos that were told').toEqual([0, 1]);
    expect(told.filter(({ id }) => id === 'end').length, 'ends that were told').toBe(1);
  },
};

export const revoked: Scenario = {
  name: 'revoked while it is watched, by a user whose job cannot be reached at first',
  ending: { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] },
  play: async (world) => {
    // The first attempt comes to nothing: whoever is still watching the second one was not sent away in time.
    world.photo = () => (Date.now() < START + 10 * MINUTE ? 'silent' : 'done');
    const job = await world.job('created');
    const { jobId } = job;
    const silent = await world.step(() => Watcher.open(world.user, jobId));
    await world.runUntil(START + 2 * MINUTE);
    expect(silent.told).toEqual([]);
    await world.jobs.upload(job);
    await world.jobs.execute(job);
    const watcher = await watch(world, jobId);
    const away = vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementationOnce(() => {
      throw new Error('the job is away');
    });
    await stepOnce(world, () => world.client.auth.revoke.mutate(), 'TOKEN_INVALID');
    away.mockRestore();
    await world.runUntil(START + HOUR);
    expect(watcher.photos, 'photos that were told after the revocation').toEqual([]);
    const owed = await sqlIn(
      userObject(world.userId),
      "SELECT json_extract(more, '$.watchersToEnd') AS jobs FROM account",
    );
    expect(owed, 'jobs to be told').toEqual([{ jobs: null }]);
  },
};

function watch(world: World, jobId: string, lastEventId?: string): Promise<Watcher> {
  return world.step(() => Watcher.of(world.user, jobId, lastEventId));
}
