/**
 * Runs in a copy of the checkout (copy.ts) with a weakness made there: the attacks that it names, or those that are told, against the
 * copy as it is. Tells the parent how each went, and waits for the next.
 */
import { inspect } from 'node:util';
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { ATTACKS } from '../attacks/attacks.ts';
import { runAttacks } from '../attacks/run/runner.ts';
import { WEAKNESSES } from './groups/index.ts';
import { attacksOf, isCaught, nameOf } from './groups/weakness.ts';

/** The name of a weakness, or attacks to run instead of those that it names. */
export type Asked = { weakness?: string; attacks?: readonly string[] };
/** `got`: what it got, in its own words; empty when it held. */
export type Attacked = { attack: string; caught: boolean; got: string[] };
export type Told = { attacked: Attacked[] } | { trouble: string };

const MOST_TEXTS = 6;

endInOrderWhenInterrupted();
// Whoever asked is gone.
process.on('disconnect', () => process.exit());

process.on('message', (asked: Asked) => {
  run(asked).then(
    (attacked) => process.send?.({ attacked } satisfies Told),
    (error) => process.send?.({ trouble: inspect(error) } satisfies Told),
  );
});

async function run({ weakness: name, attacks }: Asked): Promise<Attacked[]> {
  const weakness = WEAKNESSES.find((one) => one.name === name);
  const meant = (attacks ?? weakness?.catches ?? []).flatMap((pattern) => attacksOf(pattern, ATTACKS));
  const attacked: Attacked[] = [];
  await runAttacks([...new Set(meant)], ({ attack, breaches }) => {
    const got = breaches.slice(0, MOST_TEXTS).map(({ kind, text }) => `${kind}: ${text}`);
    attacked.push({ attack: nameOf(attack), caught: isCaught(breaches, weakness ?? {}), got });
  });
  return attacked;
}
