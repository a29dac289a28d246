// Filters on float planes: box blur by running sums (cost independent of the radius) and the guided filter built from it.

function blurRows(src: Float32Array, dst: Float32Array, w: number, h: number, r: number): void {
  for (let y = 0; y < h; y++) {
    const row = y * w;
    let sum = 0;
    let count = 0;
    for (let x = 0; x < Math.min(r, w); x++) {
      sum += src[row + x]!;
      count++;
    }
    for (let x = 0; x < w; x++) {
      const enters = x + r;
      const leaves = x - r - 1;
      if (enters < w) {
        sum += src[row + enters]!;
        count++;
      }
      if (leaves >= 0) {
        sum -= src[row + leaves]!;
        count--;
      }
      dst[row + x] = sum / count;
    }
  }
}

function blurColumns(src: Float32Array, dst: Float32Array, w: number, h: number, r: number): void {
  const sums = new Float64Array(w);
  let count = 0;
  for (let y = 0; y < Math.min(r, h); y++) {
    for (let x = 0; x < w; x++) sums[x] = sums[x]! + src[y * w + x]!;
    count++;
  }
  for (let y = 0; y < h; y++) {
    const add = (y + r) * w;
    const drop = (y - r - 1) * w;
    const hasAdd = y + r < h;
    const hasDrop = y - r - 1 >= 0;
    if (hasAdd) count++;
    if (hasDrop) count--;
    for (let x = 0; x < w; x++) {
      let s = sums[x]!;
      if (hasAdd) s += src[add + x]!;
      if (hasDrop) s -= src[drop + x]!;
      sums[x] = s;
      dst[y * w + x] = s / count;
    }
  }
}

/** Between rows and columns; filters follow one another by the hundred. */
let between = new Float32Array(0);

/** Mean over a (2r+1)² window, windows cut off at the border. `out`: where it is written, which may be `src` itself. */
export function boxBlur(
  src: Float32Array,
  w: number,
  h: number,
  r: number,
  out: Float32Array = new Float32Array(src.length),
): Float32Array {
  if (r < 1) {
    out.set(src);
    return out;
  }
  if (between.length < src.length) between = new Float32Array(src.length);
  blurRows(src, between, w, h, r);
  blurColumns(between, out, w, h, r);
  return out;
}

/** Three box blurs: near enough to a Gaussian whose sigma is about r. */
export function smooth(src: Float32Array, w: number, h: number, r: number): Float32Array {
  const out = boxBlur(src, w, h, r);
  boxBlur(out, w, h, r, out);
  return boxBlur(out, w, h, r, out);
}

/** Standard deviation in a (2r+1)² window. */
export function localDeviation(src: Float32Array, w: number, h: number, r: number): Float32Array {
  const mean = boxBlur(src, w, h, r);
  const out = src.map((v) => v * v);
  boxBlur(out, w, h, r, out);
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(Math.max(0, out[i]! - mean[i]! * mean[i]!));
  return out;
}

/** Smooths `p` without crossing the edges of `guide` (He et al., "Guided image filtering"). */
export function guidedFilter(
  guide: Float32Array,
  p: Float32Array,
  w: number,
  h: number,
  r: number,
  epsilon: number,
): Float32Array {
  const blur = (plane: Float32Array) => boxBlur(plane, w, h, r);
  const product = (x: Float32Array, y: Float32Array) => x.map((v, i) => v * y[i]!);
  const meanI = blur(guide);
  const meanP = blur(p);
  const corrII = blur(product(guide, guide));
  const corrIP = blur(product(guide, p));
  const a = corrIP.map((v, i) => (v - meanI[i]! * meanP[i]!) / (corrII[i]! - meanI[i]! * meanI[i]! + epsilon));
  const b = meanP.map((v, i) => v - a[i]! * meanI[i]!);
  const meanA = blur(a);
  const meanB = blur(b);
  return meanA.map((v, i) => Math.min(1, Math.max(0, v * guide[i]! + meanB[i]!)));
}
