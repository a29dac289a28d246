/** Whether the table of weaknesses is whole: every attack has one, every name is that of an attack, every change fits the code. */
import type { Attack } from '../../attacks/attack.ts';
import { type Change, changed } from '../../world/copy.ts';
import { attacksOf, nameOf, type Weakness } from './weakness.ts';

/** What is wrong with the table, in words; nothing when it is whole. */
export function gapsOf(weaknesses: readonly Weakness[], attacks: readonly Attack[]): string[] {
  const names = weaknesses.map(({ name }) => name);
  const caught = new Set(weaknesses.flatMap(({ catches }) => catches.flatMap((one) => attacksOf(one, attacks))));
  return [
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two weaknesses are called "${name}"`),
    ...weaknesses.flatMap(gapsOfOne(attacks)),
    ...attacks.filter((attack) => !caught.has(attack)).map((attack) => `no weakness makes "${nameOf(attack)}" succeed`),
  ];
}

const gapsOfOne =
  (attacks: readonly Attack[]) =>
  ({ name, changes, catches }: Weakness): string[] => {
    const unknown = catches.filter((one) => attacksOf(one, attacks).length === 0);
    return [
      ...(catches.length === 0 || changes.length === 0 ? [`"${name}" changes or names nothing`] : []),
      ...unknown.map((one) => `"${name}" names no attack with "${one}"`),
      ...misfits(changes).map((misfit) => `"${name}": ${misfit}`),
    ];
  };

function misfits(changes: readonly Change[]): string[] {
  try {
    changed(changes);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
