/** What is to be changed and what protected, by preset, as it is put together: kept over a reload. Pure but for the keeping. */
import type { ConceptAction, ConceptMap, Preset, PresetId, Rule } from '@s3-workers/client-sdk';
import { kept } from '../app/kept.ts';

export interface Choice {
  concepts: ConceptMap;
  /** Null for the preset's own. */
  protect: readonly string[] | null;
  /** The saved rule that it was loaded from, or saved as; null for none. */
  ruleId: string | null;
}
export interface Choices {
  preset: PresetId;
  of: Partial<Record<PresetId, Choice>>;
}

const NOTHING: Choice = { concepts: {}, protect: null, ruleId: null };

export const choices = kept<Choices>('choices', { preset: 'interior', of: {} }, checked);

export const choiceIn = ({ preset, of }: Choices): Choice => of[preset] ?? NOTHING;

export const withChoice = (all: Choices, choice: Choice): Choices => ({
  ...all,
  of: { ...all.of, [all.preset]: choice },
});

/** What is protected: what the preset protects, but for what is changed, until somebody says otherwise. */
export const protectOf = ({ concepts, protect }: Choice, { protectByDefault }: Preset): readonly string[] =>
  protect ?? protectByDefault.filter((id) => !(id in concepts));

/** What is changed cannot be protected as well, so it no longer is. @param action null for no change */
export function withConcept(choice: Choice, id: string, action: ConceptAction | null): Choice {
  const { [id]: _, ...others } = choice.concepts;
  // In its place among the others, where it has one.
  const concepts = action === null ? others : { ...choice.concepts, [id]: action };
  const protect = action === null ? choice.protect : (choice.protect?.filter((one) => one !== id) ?? null);
  return { ...choice, concepts, protect };
}

export function withProtect(choice: Choice, preset: Preset, id: string, on: boolean): Choice {
  const { [id]: _, ...concepts } = choice.concepts;
  const others = protectOf(choice, preset).filter((one) => one !== id);
  return { ...choice, concepts: on ? concepts : choice.concepts, protect: on ? [...others, id] : others };
}

/** The server keeps colours as `#RRGGBB`: those of the palette have their names again. */
export function choiceOf({ id, concepts, protect }: Rule, { palette }: Preset): Choice {
  const named = (action: ConceptAction): ConceptAction => {
    if (action.action !== 'recolor') return action;
    const known = palette.find(({ hex }) => hex.toLowerCase() === action.value.toLowerCase());
    return known === undefined ? action : { ...action, value: known.id };
  };
  const entries = Object.entries(concepts).map(([concept, action]) => [concept, named(action)]);
  return { concepts: Object.fromEntries(entries), protect, ruleId: id };
}

/** Whether a choice is what the rule says. */
export function isAs(choice: Choice, preset: Preset, rule: Rule): boolean {
  const written = (concepts: ConceptMap) =>
    JSON.stringify(
      Object.entries(concepts)
        .map(([id, change]) => [id, change.action, 'value' in change ? change.value : null])
        .sort(),
    );
  const names = (protect: readonly string[]) => [...protect].sort().join();
  return (
    written(choice.concepts) === written(choiceOf(rule, preset).concepts) &&
    names(protectOf(choice, preset)) === names(rule.protect)
  );
}

/** What a concept is changed to at first. */
export function firstAction(preset: Preset): ConceptAction {
  return { action: 'recolor', value: preset.palette[0]?.id ?? '#888888' };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function checked(value: unknown): Choices | null {
  if (!isRecord(value) || !isRecord(value.of) || !isPreset(value.preset)) return null;
  const of: Choices['of'] = {};
  for (const [preset, choice] of Object.entries(value.of)) {
    if (isPreset(preset) && isRecord(choice) && isConcepts(choice.concepts)) of[preset] = choiceFrom(choice);
  }
  return { preset: value.preset, of };
}

const choiceFrom = ({ concepts, protect, ruleId }: Record<string, unknown>): Choice => ({
  concepts: concepts as ConceptMap,
  protect: Array.isArray(protect) && protect.every((one) => typeof one === 'string') ? protect : null,
  ruleId: typeof ruleId === 'string' ? ruleId : null,
});

const isPreset = (value: unknown): value is PresetId => value === 'interior' || value === 'seller';
const isConcepts = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((one) => isRecord(one) && typeof one.action === 'string');
