// Colour words: the photo's colours clustered into a small vocabulary (k-means in Lab), so that a region's colours are a short histogram.

export interface ColourWords {
  readonly count: number;
  /** word of each pixel */
  readonly of: Uint8Array;
  /** L, a, b of each word */
  readonly centres: Float32Array;
  /** count × count: how alike two words are, 1 for the same */
  readonly likeness: Float32Array;
}

const WORDS = 48;
const ROUNDS = 8;
const SAMPLES = 6000;
/** Shading moves lightness more than it moves chroma, so lightness counts less. */
const L_WEIGHT = 0.6;

function nearest(centres: Float32Array, l: number, a: number, b: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < centres.length; k += 3) {
    const dl = (l - centres[k]!) * L_WEIGHT;
    const da = a - centres[k + 1]!;
    const db = b - centres[k + 2]!;
    const d = dl * dl + da * da + db * db;
    if (d < least) {
      least = d;
      best = k;
    }
  }
  return best / 3;
}

function distance(centres: Float32Array, i: number, j: number): number {
  return Math.hypot(
    (centres[3 * i]! - centres[3 * j]!) * L_WEIGHT,
    centres[3 * i + 1]! - centres[3 * j + 1]!,
    centres[3 * i + 2]! - centres[3 * j + 2]!,
  );
}

/** First centres, each the sample farthest from those already chosen: deterministic, and small coloured objects get a word. */
function seedCentres(samples: Float32Array, count: number): Float32Array {
  const n = samples.length / 3;
  const centres = new Float32Array(count * 3);
  centres.set(samples.subarray(0, 3));
  const gap = new Float32Array(n).fill(Number.POSITIVE_INFINITY);
  for (let k = 1; k < count; k++) {
    let far = 0;
    for (let i = 0; i < n; i++) {
      const dl = (samples[3 * i]! - centres[3 * k - 3]!) * L_WEIGHT;
      const da = samples[3 * i + 1]! - centres[3 * k - 2]!;
      const db = samples[3 * i + 2]! - centres[3 * k - 1]!;
      gap[i] = Math.min(gap[i]!, dl * dl + da * da + db * db);
      if (gap[i]! > gap[far]!) far = i;
    }
    centres.set(samples.subarray(3 * far, 3 * far + 3), 3 * k);
  }
  return centres;
}

function refine(samples: Float32Array, centres: Float32Array): void {
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(centres.length);
    const counts = new Uint32Array(centres.length / 3);
    for (let i = 0; i < samples.length; i += 3) {
      const k = nearest(centres, samples[i]!, samples[i + 1]!, samples[i + 2]!);
      counts[k] = counts[k]! + 1;
      for (let c = 0; c < 3; c++) sums[3 * k + c] = sums[3 * k + c]! + samples[i + c]!;
    }
    for (let k = 0; k < counts.length; k++) {
      if (counts[k]) for (let c = 0; c < 3; c++) centres[3 * k + c] = sums[3 * k + c]! / counts[k]!;
    }
  }
}

export function quantise(L: Float32Array, a: Float32Array, b: Float32Array): ColourWords {
  const step = Math.max(1, Math.floor(L.length / SAMPLES)) | 1;
  const n = Math.ceil(L.length / step);
  const samples = new Float32Array(n * 3);
  for (let i = 0; i < n; i++) samples.set([L[i * step]!, a[i * step]!, b[i * step]!], 3 * i);
  const centres = seedCentres(samples, Math.min(WORDS, n));
  refine(samples, centres);
  const count = centres.length / 3;
  const of = new Uint8Array(L.length);
  for (let i = 0; i < L.length; i++) of[i] = nearest(centres, L[i]!, a[i]!, b[i]!);
  const likeness = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) likeness[i * count + j] = Math.exp(-(distance(centres, i, j) ** 2) / (2 * 5 ** 2));
  }
  return { count, of, centres, likeness };
}

/** The share of each word among the pixels, weighted, summing to 1; likeness spreads it so that unseen near colours count. */
export function histogram(words: ColourWords, weight: ArrayLike<number>): Float32Array {
  const raw = new Float64Array(words.count);
  for (let i = 0; i < words.of.length; i++) {
    const k = words.of[i]!;
    raw[k] = raw[k]! + weight[i]!;
  }
  const out = new Float32Array(words.count);
  let total = 1e-9;
  for (let i = 0; i < words.count; i++) {
    let v = 0;
    for (let j = 0; j < words.count; j++) v += words.likeness[i * words.count + j]! * raw[j]!;
    out[i] = v;
    total += v;
  }
  return out.map((v) => v / total);
}

/** Bhattacharyya coefficient: 1 for the same colours, 0 for none in common. */
export function overlap(p: Float32Array, q: Float32Array): number {
  let s = 0;
  for (let i = 0; i < p.length; i++) s += Math.sqrt(p[i]! * q[i]!);
  return s;
}
