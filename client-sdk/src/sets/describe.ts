/** What was done to the photos, in words: for cards, for disclosure, and for use alone. */
import type { LocalizedName, Preset } from '../generated/types.ts';
import type { Language } from '../messages/index.ts';
import { textures, tones } from '../messages/names.ts';
import type { Look } from './types.ts';
import { type Change, WORDS } from './words.ts';

/** One concept that was changed. */
export interface DescribedChange {
  concept: string;
  /** What it is called, such as `Floor`. */
  name: string;
  /** The whole of it: `Floor: colour changed to Oak`. */
  text: string;
  /** `#RRGGBB` with its name where it got a colour. */
  colour: { hex: string; name: string } | null;
}

export interface DescribedChanges {
  changed: DescribedChange[];
  /** Names of what was protected. */
  kept: string[];
  /** All of it on one line. */
  text: string;
}

type Action = NonNullable<Look['concepts'][string]>;

/**
 * What a look changed and what it protected, in words: `Floor: colour changed to Oak`, `바닥: 오크 색으로 변경`. What the preset does not know
 * is called by its id.
 */
export function describeChanges({ concepts, protect }: Look, preset: Preset, language: Language): DescribedChanges {
  const nameOf = (id: string) => nameIn([...preset.concepts, ...preset.protectOnly], id, language).replaceAll('_', ' ');
  const changed = Object.entries(concepts).flatMap(([concept, action]) => {
    if (action === undefined) return [];
    const name = nameOf(concept);
    const [value, hex] = changedTo(action, preset, language);
    const what = WORDS[language][action.action as Change]?.(value) ?? action.action;
    return [{ concept, name, text: `${name}: ${what}`, colour: hex === undefined ? null : { hex, name: value } }];
  });
  const kept = (protect ?? preset.protectByDefault).map(nameOf);
  const parts = changed.map(({ text }) => text);
  if (kept.length > 0) parts.push(`${WORDS[language].kept}: ${kept.join(', ')}`);
  return { changed, kept, text: parts.join(' · ') };
}

/** What it was changed to, by its name, and its colour where it is one. */
function changedTo(
  { action, value = '' }: Action,
  { palette }: Preset,
  language: Language,
): [name: string, hex?: string] {
  if (action === 'recolor')
    return [nameIn(palette, value, language), palette.find(({ id }) => id === value)?.hex ?? value];
  const names: Readonly<Record<string, LocalizedName>> = { ...tones, ...textures };
  return [names[value]?.[language] ?? value];
}

const nameIn = (named: readonly { id: string; name: LocalizedName }[], id: string, language: Language): string =>
  named.find((one) => one.id === id)?.name[language] ?? id;
