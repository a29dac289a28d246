/** What was done to the photos, in words: for cards, for disclosure, and for use alone. */
import type { LocalizedName, Preset } from '../generated/types.ts';
import type { Language } from '../messages/index.ts';
import { textures, tones } from '../messages/names.ts';
import type { Look } from './types.ts';

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

type Named = readonly { id: string; name: LocalizedName }[];
type Action = NonNullable<Look['concepts'][string]>;

const SENTENCES: Readonly<Record<Language, (name: string, { action }: Action, value: string) => string>> = {
  en: (name, { action }, value) => `${name}: ${ENGLISH[action]?.(value) ?? `${action} ${value}`.trim()}`,
  ko: (name, { action }, value) => `${name}: ${KOREAN[action]?.(value) ?? `${action} ${value}`.trim()}`,
};
const ENGLISH: Readonly<Record<string, (value: string) => string>> = {
  recolor: (value) => `colour changed to ${value}`,
  tone: (value) => `made ${value.toLowerCase()}`,
  texture: (value) => `surface changed to ${value.toLowerCase()}`,
  remove: () => 'removed',
};
const KOREAN: Readonly<Record<string, (value: string) => string>> = {
  recolor: (value) => `${value} 색으로 변경`,
  tone: (value) => `톤을 ${value} 조정`,
  texture: (value) => `${value} 질감으로 변경`,
  remove: () => '사진에서 지움',
};
const KEPT: Readonly<Record<Language, string>> = { en: 'left untouched', ko: '그대로 둠' };

/**
 * What a look changed and what it protected, in words: `Floor: colour changed to Oak`, `바닥: 오크 색으로 변경`. What the preset does not know
 * is called by its id.
 */
export function describeChanges({ concepts, protect }: Look, preset: Preset, language: Language): DescribedChanges {
  const concept = (id: string) => nameIn([...preset.concepts, ...preset.protectOnly], id, language);
  const changed = Object.entries(concepts).flatMap(([id, action]) => {
    if (action === undefined) return [];
    const name = concept(id);
    const colour = colourOf(action, preset, language);
    const value = colour?.name ?? valueName(action, language);
    return [{ concept: id, name, text: SENTENCES[language](name, action, value), colour }];
  });
  const kept = (protect ?? preset.protectByDefault).map(concept);
  const parts = changed.map(({ text }) => text);
  if (kept.length > 0) parts.push(`${kept.join(', ')}: ${KEPT[language]}`);
  return { changed, kept, text: parts.join(' · ') };
}

function colourOf({ action, value = '' }: Action, { palette }: Preset, language: Language): DescribedChange['colour'] {
  if (action !== 'recolor') return null;
  const known = palette.find(({ id, hex }) => id === value || hex.toUpperCase() === value.toUpperCase());
  return known ? { hex: known.hex, name: known.name[language] } : { hex: value, name: value };
}

function valueName({ value = '' }: Action, language: Language): string {
  const names: Readonly<Record<string, LocalizedName>> = { ...tones, ...textures };
  return names[value]?.[language] ?? value;
}

const nameIn = (named: Named, id: string, language: Language): string =>
  named.find((one) => one.id === id)?.name[language] ?? id.replaceAll('_', ' ');
