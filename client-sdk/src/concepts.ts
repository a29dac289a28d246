/** Concepts, protects and colours typed by preset, so that a wrong one does not compile. */

// test/router/agreement.ts proves that these are the server's.
/** The names that each preset knows. */
export interface PresetNames {
  interior: {
    concept:
      | 'Wall'
      | 'Floor'
      | 'Ceiling'
      | 'Window'
      | 'Door'
      | 'Frame_Molding'
      | 'Tile'
      | 'Grout'
      | 'Cabinet'
      | 'Countertop'
      | 'Light'
      | 'Handle';
    protectOnly: 'Glass_highlight';
    colour: 'oak' | 'walnut' | 'warm-white' | 'sage' | 'light-gray' | 'charcoal' | 'navy' | 'terracotta';
    template: 'three-variant-pack' | 'before-after' | 'client-card';
  };
  seller: {
    concept: 'Body' | 'Label_Text' | 'Logo' | 'Gloss' | 'Parts' | 'Accessories';
    protectOnly: never;
    colour: 'black' | 'white' | 'silver' | 'red' | 'blue' | 'green' | 'pink' | 'beige';
    template: 'product-pack' | 'option-board' | 'eight-thumbnails';
  };
}
export type PresetId = keyof PresetNames;
/** What may be changed, such as `"Floor"`. */
export type ConceptOf<P extends PresetId> = PresetNames[P]['concept'];
/** What may be kept untouched. */
export type ProtectOf<P extends PresetId> = PresetNames[P]['concept' | 'protectOnly'];
export type PaletteOf<P extends PresetId> = PresetNames[P]['colour'];
export type TemplateOf<P extends PresetId> = PresetNames[P]['template'];

export type Tone = 'warm' | 'cool' | 'brighter' | 'darker';
export type Texture = 'wood' | 'marble' | 'concrete' | 'linen';

/** A colour is a name from the preset's palette or `#RRGGBB`. */
export type ConceptActionOf<P extends PresetId> =
  | { action: 'recolor'; value: PaletteOf<P> | `#${string}` }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change: `{ Floor: { action: 'recolor', value: 'oak' } }`. At least one. */
export type Concepts<P extends PresetId> = { readonly [C in ConceptOf<P>]?: ConceptActionOf<P> };

export type ConceptAction =
  | { action: 'recolor'; value: string }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change, by names that the server checks. */
export type ConceptMap = Record<string, ConceptAction>;

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
