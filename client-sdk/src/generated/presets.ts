/**
 * The presets by their names, and the words of what can be done to a concept.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */

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

export const PRESET_IDS = ['interior', 'seller'] as const;
export const TONES = ['warm', 'cool', 'brighter', 'darker'] as const;
export const TEXTURES = ['wood', 'marble', 'concrete', 'linen'] as const;
