// Regions that compete for pixels by colour: each starts from where it usually lies, learns the colours there, takes the pixels
// those colours explain best, and learns again (expectation maximisation over colour-word histograms with a smoothed prior).

import { boxBlur, guidedFilter } from './filter.ts';
import type { Scene } from './scene.ts';
import { type ColourWords, histogram } from './words.ts';

export interface Contest {
  /** one plane per region: how likely it is there before looking at any colour; need not sum to 1 */
  readonly priors: readonly Float32Array[];
  /** what counts as colour: words of the scene, then of its fabric if that matters */
  readonly vocabularies: readonly ColourWords[];
  readonly rounds: number;
  /** radius in pixels over which neighbours pull a pixel to their region */
  readonly reach: number;
  /** how strongly neighbours pull, 0..1 */
  readonly pull: number;
}

const CLOSE_ROUNDS = 3;

function normalise(planes: readonly Float32Array[]): void {
  const size = planes[0]!.length;
  for (let i = 0; i < size; i++) {
    let total = 1e-12;
    for (const plane of planes) total += plane[i]!;
    for (const plane of planes) plane[i] = plane[i]! / total;
  }
}

/** Multiplies `chance` by how well the region's colours explain each pixel. */
function weigh(chance: Float32Array, words: ColourWords, region: Float32Array): void {
  const share = histogram(words, region).map((v) => v + 1e-4);
  for (let i = 0; i < chance.length; i++) chance[i] = chance[i]! * share[words.of[i]!]!;
}

/** Chance by place: the prior, and what the neighbours are; a prior of 0 stays 0. */
function placed(prior: Float32Array, field: Float32Array, pull: number): Float32Array {
  const out = new Float32Array(prior.length);
  for (let i = 0; i < out.length; i++) if (prior[i]! > 0) out[i] = prior[i]! * (1 - pull) + field[i]! * pull;
  return out;
}

/** Posterior of each region per pixel, smoothed along the photo's own edges. */
export function compete(scene: Scene, contest: Contest): Float32Array[] {
  const { width: w, height: h } = scene;
  const { rounds, pull, reach, vocabularies } = contest;
  const priors = contest.priors.map((plane) => plane.slice());
  normalise(priors);
  let posteriors: Float32Array[] = priors;
  for (let round = 0; round < rounds; round++) {
    // The last rounds look closely: coarse words blur the outline, and far neighbours round it off.
    const close = round >= rounds - CLOSE_ROUNDS;
    const r = close ? Math.ceil(reach / 3) : reach;
    posteriors = posteriors.map((region, k) => {
      const chance = placed(priors[k]!, boxBlur(region, w, h, r), close ? 0.9 : pull);
      for (const words of close ? vocabularies.slice(0, 1) : vocabularies) weigh(chance, words, region);
      return chance;
    });
    normalise(posteriors);
  }
  const guide = scene.L.map((v) => v / 100);
  return posteriors.map((plane) => guidedFilter(guide, plane, w, h, 4, 0.002));
}

/** Mask of the pixels where region `k` is the likeliest. */
export function wonBy(posteriors: readonly Float32Array[], k: number): Uint8Array {
  const out = new Uint8Array(posteriors[0]!.length);
  for (let i = 0; i < out.length; i++) {
    const mine = posteriors[k]![i]!;
    if (posteriors.every((plane, j) => j === k || plane[i]! < mine)) out[i] = 1;
  }
  return out;
}
