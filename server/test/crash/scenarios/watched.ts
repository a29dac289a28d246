/** A life that is watched: whatever stops on the way, the watcher comes back and has been told everything once. */
import { expect } from 'vitest';
import { HOUR, START } from '../../support/clock.ts';
import { type Told, Watcher } from '../../support/watch.ts';
import { queued } from '../steps.ts';
import type { World } from '../world.ts';
import type { Scenario } from './scenario.ts';

export const watched: Scenario = {
  name: 'watched from the queue to the end',
  ending: { credits: '8 left, 2 spent', jobs: ['done, charged 2 of 2'] },
  play: async (world) => {
    const jobId = await queued(world);
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

function watch(world: World, jobId: string, lastEventId?: string): Promise<Watcher> {
  const { user } = world;
  if (user === null) throw new Error('nobody has signed up');
  return world.step(() => Watcher.of(user, jobId, lastEventId));
}
