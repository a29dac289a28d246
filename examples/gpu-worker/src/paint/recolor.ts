// Recolor: a new paint under the old light. Shading and pattern stay as lightness around a moved mean; chroma becomes the target's.

import { hexToLab } from '../segment/lab.ts';
import { mapLab, meanLab, type Painter } from './surface.ts';

/** How far the surface's mean lightness moves to the target's. */
const SHIFT = 0.85;
/** How much of the old colour differences (a wallpaper's flowers) is left. */
const PATTERN = 0.3;

const clamp = (v: number, low: number, high: number): number => Math.min(high, Math.max(low, v));

export function recolor(hex: string): Painter {
  const [L, a, b] = hexToLab(hex);
  return (surface) => {
    const [meanL, meanA, meanB] = meanLab(surface);
    const centre = meanL + SHIFT * (L - meanL);
    // Shadows and lights are stretched apart, so that neither end clips.
    const below = clamp(centre / Math.max(meanL, 1), 0.55, 1.5);
    const above = clamp((100 - centre) / Math.max(100 - meanL, 1), 0.5, 1.4);
    return mapLab(surface, (lab) => {
      const away = lab[0]! - meanL;
      const light = clamp(centre + away * (away < 0 ? below : above), 0, 100);
      // Paint loses chroma towards black and towards the white of a highlight.
      const strength = light < centre ? clamp(light / centre, 0, 1) : clamp((100 - light) / (100 - centre), 0.2, 1);
      lab[1] = a * strength + (lab[1]! - meanA) * PATTERN;
      lab[2] = b * strength + (lab[2]! - meanB) * PATTERN;
      lab[0] = light;
    });
  };
}
