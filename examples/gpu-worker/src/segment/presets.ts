// Presets by name: their concepts from general to specific, and their detectors.

import type { Detectors } from './finding.ts';
import { interiorDetectors } from './interior.ts';
import type { Scene } from './scene.ts';
import { sellerDetectors } from './seller.ts';

export interface Preset {
  /** From general to specific: where two targets meet, the later one is painted. */
  readonly concepts: readonly string[];
  readonly detectors: (scene: Scene) => Detectors;
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  interior: {
    concepts: [
      'Wall',
      'Floor',
      'Ceiling',
      'Tile',
      'Grout',
      'Cabinet',
      'Countertop',
      'Window',
      'Door',
      'Frame_Molding',
      'Light',
      'Handle',
      'Glass_highlight',
    ],
    detectors: interiorDetectors,
  },
  seller: {
    concepts: ['Body', 'Parts', 'Accessories', 'Label_Text', 'Logo', 'Gloss'],
    detectors: sellerDetectors,
  },
};
