/** Concepts, protects and colours typed by preset, so that a wrong one does not compile. */
import type { TEXTURES, TONES } from '../../server/src/contract/concepts.ts';
import type { ConceptOf, PaletteOf, PresetId, ProtectOf, TemplateOf } from '../../server/src/contract/presets.ts';

export type { ConceptOf, PaletteOf, PresetId, ProtectOf, TemplateOf };

/** A shift of the whole colour impression. */
export type Tone = (typeof TONES)[number];
/** A material that replaces the surface. */
export type Texture = (typeof TEXTURES)[number];

/** A change to one concept in photos of preset `P`. A colour is a name from the preset's palette or `#RRGGBB`. */
export type ConceptActionOf<P extends PresetId> =
  | { action: 'recolor'; value: PaletteOf<P> | `#${string}` }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change in photos of preset `P`: `{ Floor: { action: 'recolor', value: 'oak' } }`. At least one concept. */
export type Concepts<P extends PresetId> = { readonly [C in ConceptOf<P>]?: ConceptActionOf<P> };

/** A change to a concept of any preset. The server checks a colour's name against the job's preset. */
export type ConceptAction =
  | { action: 'recolor'; value: string }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change, by names that the compiler does not know: the server checks them against the job's preset. */
export type ConceptMap = Record<string, ConceptAction>;

/**
 * A rule as it comes out of a JSON file: nothing in it is checked here, the server answers VALIDATION_ERROR with the field's name.
 * Give it to `jobs.run` as `rule`, in place of `concepts`.
 */
export interface RuleFile {
  readonly concepts: { readonly [concept: string]: { readonly action: string; readonly value?: string | undefined } };
  /** What stays untouched; the preset's own protects when left out. */
  readonly protect?: readonly string[] | undefined;
}
