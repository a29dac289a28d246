/** Whether the table of weaknesses is whole: every attack has one, every name is that of an attack, every change fits the code. */
import { readFileSync } from 'node:fs';
import { fromRoot } from '../../../start/paths.ts';
import type { Attack } from '../../attacks/attack.ts';
import { attacksOf, type Change, nameOf, type Weakness } from './weakness.ts';

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

/** The files with the mistake in them, by name. Throws when it does not fit them any more. */
export function changed(changes: readonly Change[], folder = fromRoot()): Map<string, string> {
  const files = new Map<string, string>();
  for (const { file, find, replace } of changes) {
    const good = files.get(file) ?? readFileSync(`${folder}/${file}`, 'utf8');
    const times = good.split(find).length - 1;
    if (times !== 1)
      throw new Error(`what it replaces stands ${times} times in ${file}, not once: ${find.slice(0, 60)}`);
    files.set(
      file,
      good.replace(find, () => replace),
    );
  }
  return files;
}
