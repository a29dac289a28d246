// Seller photos: the product as the figure that differs from the photo's border, and its main surface (Body).

import { compete, wonBy } from './compete.ts';
import { fillHoles, findComponents, keepComponents } from './components.ts';
import { withoutGround } from './ground.ts';
import { seenThrough } from './holes.ts';
import { intersect, type Mask, maskWhere, rank, subtract, union } from './mask.ts';
import type { Scene } from './scene.ts';
import { histogram, overlap } from './words.ts';

function rimDistance(x: number, y: number, w: number, h: number): number {
  return Math.min(x, y, w - 1 - x, h - 1 - y);
}

/** True when a thin strip around the photo looks unlike what lies just inside it: the product fills the frame. */
function fillsFrame({ width: w, height: h, size, words }: Scene): boolean {
  const side = Math.min(w, h);
  const strip = new Float32Array(size);
  const inside = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const d = rimDistance(i % w, Math.floor(i / w), w, h) / side;
    if (d < 0.01) strip[i] = 1;
    else if (d > 0.04 && d < 0.09) inside[i] = 1;
  }
  return overlap(histogram(words, strip), histogram(words, inside)) < 0.6;
}

/** Product photos put the product in the middle and background at the rim. */
function priors(scene: Scene): Float32Array[] {
  const { width: w, height: h, size } = scene;
  const side = Math.min(w, h);
  const full = fillsFrame(scene);
  const rim = Math.max(2, Math.round(side * 0.012));
  const figure = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const x = i % w;
    const y = Math.floor(i / w);
    const dx = (x - w / 2) / (w * 0.4);
    const dy = (y - h / 2) / (h * 0.4);
    const middle = 0.12 + 0.76 * Math.exp(-((dx * dx + dy * dy) ** 2) / 2);
    const d = rimDistance(x, y, w, h);
    if (d < rim) figure[i] = 0.03;
    else figure[i] = full && d > side * 0.025 ? 0.995 : middle;
  }
  return [figure, figure.map((v) => 1 - v)];
}

/** Everything that stands out from the background, in one or several pieces. */
export function findFigure(scene: Scene): Mask {
  const { width: w, height: h, size } = scene;
  const posteriors = compete(scene, {
    priors: priors(scene),
    vocabularies: [scene.words],
    rounds: 10,
    reach: Math.round(w / 38),
    pull: 0.7,
  });
  const raw = rank(wonBy(posteriors, 0), w, h, 2, 0.5);
  const solid = fillHoles(raw, w, h, size * 0.05);
  return keepComponents(withoutGround(scene, solid), w, h, (c) => c.area > size * 0.004);
}

/** Where the surface's own colour lies: around a hue (degrees), or, for grey, black and white goods, around a lightness. */
type Family = { readonly kind: 'hue' | 'grey'; readonly centre: number; readonly a: number; readonly b: number };

const HUE_REACH = 20;
/** Grey goods: how far below and above the commonest lightness the surface goes; sheen reaches farther than shade. */
const GREY_REACH = 17;
const GREY_SHEEN = 28;
/** Chroma under which a pixel has no hue worth the name. */
const GREY = 10;
/** Lightness under which coloured goods are indistinguishable from their shadow. */
const BLACK = 13;
/** Share of the figure from which a hue is the product's colour even beside more grey. */
const HUE_SHARE = 0.18;

const hueOf = (scene: Scene, i: number): number => (Math.atan2(scene.b[i]!, scene.a[i]!) * 180) / Math.PI;
const inRange = (v: number, low: number, high: number): boolean => v >= low && v <= high;
const turn = (from: number, to: number): number => Math.abs(((from - to + 540) % 360) - 180);

/** The window of a table (circular or not) that holds most, as its middle and its content. */
function fullestWindow(table: Float64Array, reach: number, circular: boolean): { centre: number; mass: number } {
  const n = table.length;
  let best = { centre: 0, mass: -1 };
  for (let c = 0; c < n; c++) {
    let mass = 0;
    for (let d = -reach; d <= reach; d++) {
      const k = circular ? (c + d + n) % n : c + d;
      // The middle counts more, or every centre within reach of a narrow peak would tie.
      mass += (table[k] ?? 0) * (1 - Math.abs(d) / (2 * reach));
    }
    if (mass > best.mass) best = { centre: c, mass };
  }
  return best;
}

function mainFamily(scene: Scene, figure: Mask): Family {
  const { width: w, height: h, size } = scene;
  const hues = new Float64Array(360);
  const greys = new Float64Array(101);
  let total = 0;
  for (let i = 0; i < size; i++) {
    if (!figure[i]) continue;
    const dx = ((i % w) - w / 2) / w;
    const dy = (Math.floor(i / w) - h / 2) / h;
    const weight = Math.exp(-6 * (dx * dx + dy * dy));
    total += weight;
    const [table, at] =
      scene.chroma[i]! > GREY ? [hues, Math.round(hueOf(scene, i) + 360) % 360] : [greys, Math.round(scene.L[i]!)];
    table[at] = table[at]! + weight;
  }
  const hue = fullestWindow(hues, HUE_REACH, true);
  const grey = fullestWindow(greys, GREY_REACH, false);
  if (hue.mass > grey.mass || hue.mass > HUE_SHARE * total) return { kind: 'hue', centre: hue.centre, a: 0, b: 0 };
  return { kind: 'grey', centre: grey.centre, ...castOf(scene, figure, grey.centre) };
}

/** Mean colour cast of the figure's near-grey pixels around a lightness. */
function castOf(scene: Scene, figure: Mask, lightness: number): { a: number; b: number } {
  let [n, a, b] = [1e-9, 0, 0];
  for (let i = 0; i < scene.size; i++) {
    if (!figure[i] || scene.chroma[i]! > GREY || Math.abs(scene.L[i]! - lightness) > GREY_REACH) continue;
    n++;
    a += scene.a[i]!;
    b += scene.b[i]!;
  }
  return { a: a / n, b: b / n };
}

/** The figure's main surface: what a seller calls the product's colour. */
export function findBody(scene: Scene, figure: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const family = mainFamily(scene, figure);
  const belongs = (i: number): boolean =>
    family.kind === 'hue'
      ? scene.L[i]! > BLACK && scene.chroma[i]! > GREY * 0.55 && turn(hueOf(scene, i), family.centre) <= HUE_REACH
      : Math.hypot(scene.a[i]! - family.a, scene.b[i]! - family.b) < GREY &&
        inRange(scene.L[i]! - family.centre, -GREY_REACH, GREY_SHEEN);
  const raw = maskWhere(size, (i) => figure[i] === 1 && belongs(i));
  const open = rank(raw, w, h, 2, 0.6);
  const filled = fillHoles(open, w, h, size * 0.01);
  const solid = subtract(filled, seenThrough(scene, subtract(filled, open), union(figure, filled)));
  const largest = findComponents(solid, w, h).list.reduce((most, c) => Math.max(most, c.area), 0);
  const kept = keepComponents(solid, w, h, (c) => c.area > largest * 0.12);
  return intersect(figure, kept);
}
