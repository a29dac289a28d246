// Tone: the same surface in warmer, cooler, brighter or darker light.

import { mapLab, type Painter } from './surface.ts';

export const TONES = ['warm', 'cool', 'brighter', 'darker'] as const;
export type Tone = (typeof TONES)[number];

const CHANGES: Readonly<Record<Tone, (lab: Float32Array) => void>> = {
  warm: (lab) => {
    lab[1] = lab[1]! + 5;
    lab[2] = lab[2]! + 14;
  },
  cool: (lab) => {
    lab[1] = lab[1]! - 3;
    lab[2] = lab[2]! - 14;
  },
  brighter: (lab) => {
    lab[0] = 100 * (lab[0]! / 100) ** 0.68;
  },
  darker: (lab) => {
    lab[0] = 100 * (lab[0]! / 100) ** 1.5;
  },
};

export const tone =
  (value: Tone): Painter =>
  (surface) =>
    mapLab(surface, CHANGES[value]);
