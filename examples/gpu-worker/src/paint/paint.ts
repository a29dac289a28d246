// Applies the rules to a photo, layer by layer, with soft edges that stay inside each layer. Nothing outside a layer is written.

import type { Rule } from '../message.ts';
import { boxBlur } from '../segment/filter.ts';
import type { Layer } from '../segment/layers.ts';
import { recolor } from './recolor.ts';
import { remove } from './remove.ts';
import type { Painter } from './surface.ts';
import { texture } from './texture.ts';
import { tone } from './tone.ts';

function painterFor(rule: Rule): Painter {
  switch (rule.action) {
    case 'recolor':
      return recolor(rule.value);
    case 'tone':
      return tone(rule.value);
    case 'texture':
      return texture(rule.value);
    case 'remove':
      return remove;
  }
}

/** Opacity at the very edge; thin shapes never get much above it. */
const EDGE = 0.4;

/** Opacity by distance from the edge, 0 outside the mask. */
function feather(mask: Uint8Array, width: number, height: number): Float32Array {
  const radius = Math.max(1, Math.round(Math.max(width, height) / 500));
  const near = boxBlur(new Float32Array(mask), width, height, radius);
  for (let i = 0; i < near.length; i++) {
    near[i] = mask[i] ? EDGE + (1 - EDGE) * Math.min(1, Math.max(0, (2 * near[i]!) / 255 - 1)) : 0;
  }
  return near;
}

/** A copy of `rgb` with every found target painted by its rule. */
export function paint(
  rgb: Uint8Array,
  width: number,
  height: number,
  layers: readonly Layer[],
  rules: Readonly<Record<string, Rule>>,
  seed: number,
): Uint8Array {
  const out = rgb.slice();
  for (const { concept, role, found, mask } of layers) {
    const rule = rules[concept];
    if (role !== 'target' || !found || !rule) continue;
    // Removal must leave nothing of the object, not even at its rim.
    const opacity = rule.action === 'remove' ? null : feather(mask, width, height);
    const painted = painterFor(rule)({ rgb, width, height, mask, seed });
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      const o = opacity ? opacity[i]! : 1;
      for (let c = 3 * i; c < 3 * i + 3; c++) out[c] = Math.round(rgb[c]! + o * (painted[c]! - rgb[c]!));
    }
  }
  return out;
}
