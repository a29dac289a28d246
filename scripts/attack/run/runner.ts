/** Runs attacks one after the other, each between two snapshots, and says of each whether the defence held. */
import { type Attack, Breach, mismatch } from '../attack.ts';
import type { Reply } from '../world/http.ts';
import { type Change, changesBetween, ledgerFaults } from '../world/snapshot.ts';
import type { World } from '../world/world.ts';
import { startWorld, WORLD_NAMES, type WorldName } from '../world/worlds.ts';

export type Outcome = { attack: Attack; breaches: string[]; ms: number };

/** What no answer may hold: stacks, paths of sources, and what the databases say. */
const INTERNALS = /\n\s+at |\.[jt]s:\d+|D1_ERROR|SQLITE_|"stack"|node_modules/;
/** Failures beyond these are one flaw seen many times. */
const MOST_BREACHES = 5;

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
  const breaches: string[] = [];
  world.release();
  try {
    const act = await attack.arrange(world);
    const before = (attack.staged ? undefined : world.lastSnapshot) ?? (await world.snapshot());
    const replies = [await act()].flat();
    breaches.push(...replies.flatMap((reply) => breachOf(reply, attack)));
    const after = await world.snapshot();
    const allowed = attack.options.changes ?? [];
    const changed = changesBetween(before, after).filter(({ path }) => !allowed.some((pattern) => pattern.test(path)));
    breaches.push(
      ...changed.map(describe),
      ...ledgerFaults(after).map((fault) => `the ledger does not add up: ${fault}`),
    );
    if (world.gpu.internal.length > 0)
      breaches.push(`the internal address was reached: ${world.gpu.internal[0]?.line}`);
  } catch (error) {
    world.lastSnapshot = undefined;
    breaches.push(
      error instanceof Breach ? error.message : `it broke: ${error instanceof Error ? error.stack : error}`,
    );
  }
  const more = breaches.length - MOST_BREACHES;
  const shown = more > 0 ? [...breaches.slice(0, MOST_BREACHES), `and ${more} more`] : breaches;
  return { attack, breaches: shown, ms: performance.now() - started };
}

function breachOf(reply: Reply, { answer }: Attack): string[] {
  if (reply.status === 500) return [`it answered 500: ${reply.body.slice(0, 300)}`];
  if (INTERNALS.test(reply.body)) return [`the answer shows internals: ${reply.body.slice(0, 300)}`];
  const wrong = mismatch(reply, answer);
  return wrong === null ? [] : [wrong];
}

function describe({ path, before, after }: Change): string {
  const short = (text: string | undefined) => (text === undefined ? 'nothing' : text.slice(0, 300));
  return `it changed ${path}\n      from ${short(before)}\n      to   ${short(after)}`;
}
