// From findings to what is painted: a photo's protected area and one exclusive layer per target, at the photo's full size.

import { findComponents } from './components.ts';
import { nothingThere } from './evidence.ts';
import { LEAST_SHARE, lazy, MOST_SHARE, missing } from './finding.ts';
import { dilate, enlarge, type Mask, subtract, union } from './mask.ts';
import { PRESETS } from './presets.ts';
import type { Scene } from './scene.ts';
import { isSupported } from './support.ts';

export interface Instance {
  /** left, top, width, height in pixels of the photo */
  readonly bbox: readonly [number, number, number, number];
  readonly area: number;
}

export interface Layer {
  readonly concept: string;
  readonly role: 'target' | 'protect';
  readonly found: boolean;
  /** 255 inside, 0 outside, one byte per pixel of the photo; all 0 when not found */
  readonly mask: Uint8Array;
  /** share of the photo, 0..1 */
  readonly coverage: number;
  readonly instances: readonly Instance[];
  readonly reason?: string;
}

export interface Frame {
  readonly scene: Scene;
  readonly width: number;
  readonly height: number;
}

export interface Wanted {
  readonly targets: readonly string[];
  readonly protects: readonly string[];
  /** targets whose outline goes with them: what is removed must not leave its rim behind */
  readonly withRim: readonly string[];
}

/** Width of a rim, in pixels of the analysis size. */
const RIM = 3;

const MOST_INSTANCES = 100;

function instancesOf({ scene, width, height }: Frame, mask: Mask): Instance[] {
  const fx = width / scene.width;
  const fy = height / scene.height;
  return findComponents(mask, scene.width, scene.height)
    .list.filter((c) => c.area >= 4)
    .sort((x, y) => y.area - x.area)
    .slice(0, MOST_INSTANCES)
    .map(({ area, bbox: [x, y, w, h] }) => ({
      bbox: [Math.round(x * fx), Math.round(y * fy), Math.round(w * fx), Math.round(h * fy)],
      area: Math.round(area * fx * fy),
    }));
}

function absent(frame: Frame, concept: string, role: Layer['role'], reason: string): Layer {
  const mask = new Uint8Array(frame.width * frame.height);
  return { concept, role, found: false, mask, coverage: 0, instances: [], reason };
}

/** A layer from a mask at analysis size, without the full-size pixels already taken; takes what it keeps. */
function present(frame: Frame, concept: string, role: Layer['role'], small: Mask, taken: Uint8Array | null): Layer {
  const { scene, width, height } = frame;
  const mask = enlarge(small, scene.width, scene.height, width, height);
  let n = 0;
  for (let i = 0; i < mask.length; i++) {
    if (taken?.[i]) mask[i] = 0;
    if (mask[i]) n++;
  }
  const coverage = n / mask.length;
  if (coverage < LEAST_SHARE) return absent(frame, concept, role, 'what was found lies under what is protected');
  if (coverage > MOST_SHARE) return absent(frame, concept, role, 'it would cover the whole photo');
  return { concept, role, found: true, mask, coverage, instances: instancesOf(frame, small) };
}

/**
 * Layers in the order asked for. Protects win over targets, and a specific target over a general one; so no pixel is in two targets,
 * and none in a target and a protect.
 */
export function findLayers(frame: Frame, preset: string, { targets, protects, withRim }: Wanted): Layer[] {
  const { concepts, detectors } = PRESETS[preset]!;
  const nothing = nothingThere(frame.scene);
  const detect = lazy(() => detectors(frame.scene));
  const taken = new Uint8Array(frame.width * frame.height);
  let takenSmall: Mask = new Uint8Array(frame.scene.size);
  const layers = new Map<string, Layer>();
  const add = (concept: string, role: Layer['role'], exclusive: boolean): void => {
    const result = nothing === null ? detect()[concept]!() : missing(nothing);
    if (!result.found) {
      layers.set(concept, absent(frame, concept, role, result.reason));
      return;
    }
    // What is to stay untouched may be wrong by being too much; what is painted may not.
    if (role === 'target' && !isSupported(frame.scene, result.mask)) {
      layers.set(concept, absent(frame, concept, role, 'what lies where it usually is has no outline'));
      return;
    }
    const { width, height } = frame.scene;
    const whole = withRim.includes(concept) ? dilate(result.mask, width, height, RIM) : result.mask;
    const small = exclusive ? subtract(whole, takenSmall) : whole;
    const layer = present(frame, concept, role, small, exclusive ? taken : null);
    layers.set(concept, layer);
    if (!layer.found) return;
    takenSmall = union(takenSmall, small);
    for (let i = 0; i < taken.length; i++) taken[i] = taken[i]! | layer.mask[i]!;
  };
  for (const concept of protects) add(concept, 'protect', false);
  const open = targets.filter((concept) => !protects.includes(concept));
  for (const concept of [...open].sort((x, y) => concepts.indexOf(y) - concepts.indexOf(x)))
    add(concept, 'target', true);
  return [...new Set([...targets, ...protects])].map((concept) => layers.get(concept)!);
}
