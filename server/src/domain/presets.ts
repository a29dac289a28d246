/** Whether a choice of concepts, protects and template fits a preset, and how a preset is shown. */
import type { ConceptMap } from '../contract/concepts.ts';
import type { ResultFormat } from '../contract/jobs.ts';
import { PRESETS, type Preset, type PresetId } from '../contract/presets.ts';
import { invalid, ok, type Result } from './result.ts';

type Name = { en: string; ko: string };
type PresetData = {
  name: Name;
  concepts: Record<string, Name>;
  protectOnly: Record<string, Name>;
  protectByDefault: readonly string[];
  palette: Record<string, { hex: string; name: Name }>;
  outputTemplates: Record<string, { name: Name; images: number; layout: string }>;
};

const HEX = /^#[0-9a-fA-F]{6}$/;

function dataOf(preset: PresetId): PresetData {
  return PRESETS[preset];
}

/** Choices as the GPU worker gets them: palette names become `#RRGGBB`, the preset's protects fill in for missing ones. */
export type Choice = {
  concepts: ConceptMap;
  protect: string[];
  outputTemplate: string | null;
  /** Absent for png: so it is in all that was chosen before there were others. See {@link formatOf}. */
  format?: Exclude<ResultFormat, 'png'>;
};
export type ChoiceInput = {
  concepts: ConceptMap;
  protect?: string[] | undefined;
  outputTemplate?: string | undefined;
  format?: ResultFormat | undefined;
};

/** What results of this choice are encoded as. */
export const formatOf = ({ format }: Pick<Choice, 'format'>): ResultFormat => format ?? 'png';

/**
 * Checks a choice against `preset`.
 * What is changed cannot be protected as well: naming a concept in both is refused, except that a protect that only
 * stands there by default gives way.
 */
export function chooseFor(preset: PresetId, input: ChoiceInput): Result<Choice> {
  const data = dataOf(preset);
  const concepts: ConceptMap = {};
  // In one order, so that the same choice is the same however it was written down.
  for (const [concept, action] of Object.entries(input.concepts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!Object.hasOwn(data.concepts, concept)) {
      return invalid(
        `concepts.${concept}`,
        `is not a concept of ${preset}; it has ${Object.keys(data.concepts).join(', ')}`,
      );
    }
    if (action.action !== 'recolor') {
      concepts[concept] = action;
      continue;
    }
    const hex = colorOf(data, action.value);
    if (hex === null) {
      const names = Object.keys(data.palette).join(', ');
      return invalid(`concepts.${concept}.value`, `is neither #RRGGBB nor a colour of ${preset}'s palette (${names})`);
    }
    concepts[concept] = { action: 'recolor', value: hex };
  }
  const protect = protectsFor(preset, data, input, concepts);
  if (!protect.ok) return protect;
  const template = input.outputTemplate ?? null;
  if (template !== null && !Object.hasOwn(data.outputTemplates, template)) {
    const names = Object.keys(data.outputTemplates).join(', ');
    return invalid('outputTemplate', `is not a template of ${preset}; it has ${names}`);
  }
  const { format = 'png' } = input;
  const choice = { concepts, protect: protect.value, outputTemplate: template };
  return ok(format === 'png' ? choice : { ...choice, format });
}

function protectsFor(preset: PresetId, data: PresetData, input: ChoiceInput, concepts: ConceptMap): Result<string[]> {
  if (input.protect === undefined) return ok(data.protectByDefault.filter((id) => !Object.hasOwn(concepts, id)));
  for (const [at, id] of input.protect.entries()) {
    if (!Object.hasOwn(data.concepts, id) && !Object.hasOwn(data.protectOnly, id)) {
      const known = [...Object.keys(data.concepts), ...Object.keys(data.protectOnly)].join(', ');
      return invalid(`protect[${at}]`, `"${id}" cannot be protected in ${preset}; it has ${known}`);
    }
    if (Object.hasOwn(concepts, id)) return invalid(`protect[${at}]`, `"${id}" is changed by concepts as well`);
  }
  return ok([...new Set(input.protect)]);
}

function colorOf(data: PresetData, value: string): string | null {
  if (HEX.test(value)) return value.toUpperCase();
  return Object.hasOwn(data.palette, value) ? (data.palette[value]?.hex ?? null) : null;
}

/** The preset as the API shows it: lists in display order. */
export function viewOf(preset: PresetId): Preset {
  const data = dataOf(preset);
  const list = (names: Record<string, Name>) => Object.entries(names).map(([id, name]) => ({ id, name }));
  return {
    id: preset,
    name: data.name,
    concepts: list(data.concepts),
    protectOnly: list(data.protectOnly),
    protectByDefault: [...data.protectByDefault],
    palette: Object.entries(data.palette).map(([id, color]) => ({ id, ...color })),
    outputTemplates: Object.entries(data.outputTemplates).map(([id, template]) => ({ id, ...template })),
  };
}
