/** Commands on one object as the platform has it: its alarm, its eviction, a later release that wrote to it. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { vi } from 'vitest';
import { type Eviction, evict } from '../world/workerd/eviction.ts';
import { jobStub, userStub } from '../world/workerd/past.ts';
import type { Single } from './commands.ts';
import { stampLater } from './later.ts';
import { outside } from './outside.ts';
import { isRefused } from './provider.ts';
import { must, type World } from './world.ts';
import { forgetSeen, refuse } from './writes.ts';

const TOLD: Record<Eviction, string> = { evicted: '', gone: ' was evicted already', held: ' is still referenced' };

/** The object that an alarm or an eviction is meant for. */
export type Target = { id: string; stub: DurableObjectStub; alarm: number | null };

export function objectAt(world: World, at: number): Target {
  const { users, jobs } = world;
  // Jobs are asked for three times as often as users.
  const all = [...users, ...jobs, ...jobs, ...jobs];
  const id = all[at % all.length]?.id ?? '';
  const isUser = users.some((user) => user.id === id);
  const alarm = (isUser ? world.userLooks : world.jobLooks).get(id)?.alarm ?? null;
  return { id, alarm, stub: isUser ? userStub(id) : jobStub(id) };
}

export async function fire(
  world: World,
  { id, stub }: Target,
  alarm: number,
  { jump, sick: wanted }: Extract<Single, { do: 'alarm' }>,
): Promise<string> {
  // A platform runs one alarm of an object at a time.
  if ([...world.pending].some(({ alarmsOf }) => alarmsOf.includes(id))) return 'no alarm';
  if (jump) vi.setSystemTime(Math.max(Date.now(), alarm));
  world.touched.add(id);
  forgetSeen(id);
  // While one is held, the writes of others would fail with its own.
  const sick = world.alone && !outside.mayHold ? wanted : 0;
  refuse('writes', sick);
  if (sick > 0) world.sick = true;
  try {
    return `${id.slice(0, 12)}: ${await runDurableObjectAlarm(stub)}`;
  } catch (error) {
    // As it has to, when no further alarm could be set: the platform would run it again, and gives up in the end.
    must(String(error).includes('could not be set'), 'an alarm never throws', () => String(error));
    world.stuck.add(id);
    return 'gave up';
  } finally {
    refuse('writes', 0);
  }
}

export async function disturb(
  world: World,
  { id, stub }: Target,
  how: 'evict' | 'lose-alarm' | 'stamp-later',
): Promise<string> {
  // The time limit of a call to the provider keeps its object for 20 seconds. What it refused it is asked by the object itself.
  const busy = outside.dispatched.some(
    ({ message, runId, answer }) => message.job_id === id && (outside.gpu.wasAsked(runId ?? '') || isRefused(answer)),
  );
  if (busy || world.stuck.has(id)) return 'not this one';
  world.touched.add(id);
  forgetSeen(id);
  world.alarmsLost ||= how === 'lose-alarm';
  if (how === 'stamp-later' && (await stampLater(stub))) world.later.add(id);
  let came = await evict(stub);
  // Only one that goes can lose it: an object in memory knows when its alarm has fired, and nobody else deletes it.
  if (how === 'lose-alarm' && came !== 'held') {
    await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());
    came = await evict(stub);
  }
  // What an error was thrown through, or an answer came too late for, is kept referenced by workerd however long ago its call ended.
  const hadTrouble = world.sick || outside.everTroubled;
  if (came === 'held') must(hadTrouble, 'nothing holds on to an object whose calls have ended', () => id);
  if (came === 'held') world.stuck.add(id);
  return `${id.slice(0, 12)}${TOLD[came]}`;
}
