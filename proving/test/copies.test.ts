/**
 * Attacks with headers that nobody signed, and what holds against them: the simulator by itself lets them through, so that they are seen to
 * succeed; the door of the local bucket refuses them, and so does the simulator once URLs sign that nothing is copied.
 */
import { expect, test } from 'vitest';
import { ATTACKS } from '../attacks/attacks.ts';
import { runAttacks } from '../attacks/run/runner.ts';
import { startWorld } from '../world/bundle/worlds.ts';

const COPIES = ATTACKS.filter(({ name }) => name.startsWith("a PUT that copies another user's photo"));

/** Names of the attacks that got something, each with the first thing that it got. */
async function succeeded(attacks: typeof ATTACKS, vars: Record<string, string>, bare: boolean): Promise<string[]> {
  const outcomes = await runAttacks(
    attacks,
    () => {},
    (name) => startWorld(name, vars, { bare }),
  );
  return outcomes.flatMap(({ attack, breaches }) =>
    breaches.length > 0 ? [`${attack.name}: ${breaches[0]?.text}`] : [],
  );
}

test('without the door each of them succeeds and is seen to: the bytes that lie there are the victim’s', async () => {
  expect(COPIES.length).toBeGreaterThanOrEqual(6);
  const got = await succeeded(COPIES, {}, true);
  expect(got).toHaveLength(COPIES.length);
  for (const breach of got) expect(breach).toContain("it holds the victim's photo");
}, 120_000);

test('with the door none does', async () => {
  expect(await succeeded(COPIES, {}, false)).toEqual([]);
}, 120_000);

test('nor without it where URLs sign that nothing is copied, and photos and results are still taken', async () => {
  expect(await succeeded(COPIES, { R2_SIGN_COPY_SOURCE: 'on' }, true)).toEqual([]);
}, 120_000);
