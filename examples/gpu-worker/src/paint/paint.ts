// Applies the rules to a photo, layer by layer. Nothing outside a layer is written.

import type { Rule } from '../message.ts';
import type { Photo } from '../photo/decode.ts';
import type { Layer } from '../segment/layers.ts';
import { softEdges } from './edges.ts';
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

export interface Painted {
  readonly rgb: Uint8Array;
  /** each layer with the mask of where paint may lie: targets reach as far as their thing is part of a pixel */
  readonly layers: readonly Layer[];
}

/** Number of the layer that each pixel belongs to, from 1; 0 for none. */
function owners(layers: readonly Layer[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (const [k, { mask }] of layers.entries()) for (let i = 0; i < size; i++) if (mask[i]) out[i] = k + 1;
  return out;
}

/** A copy of the photo with every found target painted by its rule. Nothing outside the masks that come back is written. */
export function paint(
  photo: Photo,
  layers: readonly Layer[],
  rules: Readonly<Record<string, Rule>>,
  seed: number,
): Painted {
  const { width, height } = photo;
  const out = photo.rgb.slice();
  const owner = owners(layers, width * height);
  const painted = layers.map((layer, k): Layer => {
    const rule = rules[layer.concept];
    if (layer.role !== 'target' || !layer.found || !rule) return layer;
    // Removal must leave nothing of the object, not even at its rim.
    const soft = rule.action === 'remove' ? null : softEdges(photo, layer.mask, (i) => owner[i] === 0);
    const rgb = soft?.rgb ?? photo.rgb;
    const mask = soft ? soft.opacity.map((v) => (v > 0 ? 255 : 0)) : layer.mask;
    const fresh = painterFor(rule)({ rgb, width, height, mask, seed });
    let area = 0;
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      area++;
      owner[i] = k + 1;
      if (soft) blend(out, photo.rgb, rgb, fresh, i, soft.opacity[i]! / 255);
      else for (let c = 3 * i; c < 3 * i + 3; c++) out[c] = fresh[c]!;
    }
    return { ...layer, mask, coverage: area / mask.length };
  });
  return { rgb: out, layers: painted };
}

/** Puts the new colour of the thing in the place of its old one, as far as it is part of the pixel. */
function blend(
  out: Uint8Array,
  photo: Uint8Array,
  thing: Uint8Array,
  fresh: Uint8Array,
  i: number,
  share: number,
): void {
  for (let c = 3 * i; c < 3 * i + 3; c++)
    out[c] = Math.min(255, Math.max(0, Math.round(photo[c]! + share * (fresh[c]! - thing[c]!))));
}
