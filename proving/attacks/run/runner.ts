/** Runs attacks one after the other, each between two snapshots, and says of each whether the defence held. */

import { faultsOf } from '../../world/bundle/faults.ts';
import type { Reply } from '../../world/bundle/http.ts';
import { type Change, changesBetween } from '../../world/bundle/snapshot.ts';
import type { World } from '../../world/bundle/world.ts';
import { startWorld, WORLD_NAMES, type WorldName } from '../../world/bundle/worlds.ts';
import { type Act, type Attack, Breach, type Got, mismatch, Unprepared } from '../attack.ts';

export type Outcome = { attack: Attack; breaches: Got[]; ms: number };

/** What no answer may hold: stacks, paths of sources, and what the databases say. */
const INTERNALS = /\n\s+at |\.[jt]s:\d+|D1_ERROR|SQLITE_|"stack"|node_modules/;

/** @param told hears each outcome as it comes @param start makes the deployments; those of worlds.ts unless told */
export async function runAttacks(
  attacks: readonly Attack[],
  told: (outcome: Outcome) => void,
  start: (name: WorldName) => Promise<World> = startWorld,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const name of WORLD_NAMES) {
    const mine = attacks.filter(({ options }) => worldOf(options.world) === name);
    if (mine.length === 0) continue;
    const world = await start(name);
    try {
      for (const attack of [...mine.filter((one) => !one.options.last), ...mine.filter((one) => one.options.last)]) {
        const outcome = await runOne(attack, world);
        told(outcome);
        outcomes.push(outcome);
      }
    } finally {
      await world.stop();
    }
  }
  return outcomes;
}

const worldOf = (name: WorldName | undefined): WorldName => name ?? 'main';

async function runOne(attack: Attack, world: World): Promise<Outcome> {
  const started = performance.now();
  const breaches: Got[] = [];
  const reached = world.gpu.internal.length;
  world.release();
  try {
    const act = await prepared(attack, world);
    const before = (attack.staged ? undefined : world.lastSnapshot) ?? (await world.snapshot());
    const replies = [await act()].flat();
    breaches.push(...replies.flatMap((reply) => breachOf(reply, attack)));
    const after = await world.snapshot();
    const { changes = [] } = attack.options;
    const allowed = typeof changes === 'function' ? changes(world) : changes;
    const changed = changesBetween(before, after).filter(({ path }) => !allowed.some((pattern) => pattern.test(path)));
    breaches.push(
      ...changed.map((change): Got => ({ kind: 'change', text: describe(change) })),
      ...faultsOf(after).map((fault): Got => ({ kind: 'ledger', text: fault })),
    );
  } catch (error) {
    world.lastSnapshot = undefined;
    breaches.push(thrown(error));
  }
  for (const line of world.gpu.internal.slice(reached)) {
    breaches.push({ kind: 'reached', text: `the internal address was reached: ${line}` });
  }
  return { attack, breaches, ms: performance.now() - started };
}

/** What goes wrong before an attack has begun is no success of it. */
async function prepared(attack: Attack, world: World): Promise<Act> {
  try {
    return await attack.arrange(world);
  } catch (error) {
    if (error instanceof Breach) throw new Unprepared(error.message);
    throw error;
  }
}

function thrown(error: unknown): Got {
  if (error instanceof Breach) return { kind: 'claim', text: error.message };
  if (error instanceof Unprepared) return { kind: 'unprepared', text: error.message };
  return { kind: 'broke', text: `it broke: ${error instanceof Error ? error.stack : error}` };
}

function breachOf(reply: Reply, { answer }: Attack): Got[] {
  const { status } = reply;
  const said = reply.body.slice(0, 300);
  if (status === 500) return [{ kind: 'fault', text: `it answered 500: ${said}`, status }];
  if (INTERNALS.test(reply.body)) return [{ kind: 'internals', text: `the answer shows internals: ${said}`, status }];
  const wrong = mismatch(reply, answer);
  return wrong === null ? [] : [{ kind: 'answer', text: wrong, status }];
}

function describe({ path, before, after }: Change): string {
  const short = (text: string | undefined) => (text === undefined ? 'nothing' : text.slice(0, 300));
  return `it changed ${path}\n      from ${short(before)}\n      to   ${short(after)}`;
}
