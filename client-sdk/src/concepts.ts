/** Concepts, protects and colours typed by preset, so that a wrong one does not compile. */

import type { PresetNames } from './generated/presets.ts';
import type { ConceptAction, PresetId, Texture, Tone } from './generated/types.ts';

/** What may be changed, such as `"Floor"`. */
export type ConceptOf<P extends PresetId> = PresetNames[P]['concept'];
/** What may be kept untouched. */
export type ProtectOf<P extends PresetId> = PresetNames[P]['concept' | 'protectOnly'];
export type PaletteOf<P extends PresetId> = PresetNames[P]['colour'];
export type TemplateOf<P extends PresetId> = PresetNames[P]['template'];

/** A colour is a name from the preset's palette or `#RRGGBB`. */
export type ConceptActionOf<P extends PresetId> =
  | { action: 'recolor'; value: PaletteOf<P> | `#${string}` }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change: `{ Floor: { action: 'recolor', value: 'oak' } }`. At least one. */
export type Concepts<P extends PresetId> = { readonly [C in ConceptOf<P>]?: ConceptActionOf<P> };

/** Typed by preset, or any names where it is not known (`never`), which the server checks. */
export type ConceptsIn<P extends PresetId> = [P] extends [never]
  ? { readonly [concept: string]: ConceptAction | undefined }
  : Concepts<P>;
export type ProtectIn<P extends PresetId> = [P] extends [never] ? string : ProtectOf<P>;
export type TemplateIn<P extends PresetId> = [P] extends [never] ? string : TemplateOf<P>;

/** A rule as it comes out of a JSON file. The server checks it: VALIDATION_ERROR names the field. */
export interface RuleFile {
  readonly concepts: { readonly [concept: string]: { readonly action: string; readonly value?: string | undefined } };
  /** The preset's own protects when left out. */
  readonly protect?: readonly string[] | undefined;
}
