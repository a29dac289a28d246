// Pictures without anything in them, drawn from a seed: noise of every blur, clouds, soft light and soft spots.

export const [WIDTH, HEIGHT] = [480, 320];

export type Plane = Float32Array;

/** 0 to 1, the same on every run. */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const bell = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

/** Mean 0, deviation 1. */
function normalised(plane: Plane): Plane {
  const mean = plane.reduce((sum, v) => sum + v, 0) / plane.length;
  const deviation = Math.sqrt(plane.reduce((sum, v) => sum + (v - mean) ** 2, 0) / plane.length);
  return plane.map((v) => (v - mean) / deviation);
}

/** Gaussian blur that repeats the pixels at the rim, as image libraries do. */
export function blurred(plane: Plane, sigma: number): Plane {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, v) => sum + v, 0);
  const lines = (from: Plane, length: number, step: number, count: number, next: number): Plane => {
    const out = new Float32Array(from.length);
    const line = new Float64Array(length + 2 * reach);
    for (let n = 0; n < count; n++) {
      for (let k = 0; k < line.length; k++)
        line[k] = from[n * next + step * Math.min(length - 1, Math.max(0, k - reach))]!;
      for (let k = 0; k < length; k++) {
        let sum = 0;
        for (let m = 0; m < weights.length; m++) sum += weights[m]! * line[k + m]!;
        out[n * next + step * k] = sum / total;
      }
    }
    return out;
  };
  return lines(lines(plane, WIDTH, 1, HEIGHT, WIDTH), HEIGHT, WIDTH, WIDTH, 1);
}

/** White noise blurred by so many pixels. */
export function blurredNoise(random: () => number, sigma: number): Plane {
  const white = Float32Array.from({ length: WIDTH * HEIGHT }, () => bell(random));
  return normalised(sigma > 0 ? blurred(white, sigma) : white);
}

/** Perlin's noise: octaves of random slopes on a grid, each half as large and half as strong. */
export function clouds(random: () => number, cell: number, octaves: number): Plane {
  const out = new Float32Array(WIDTH * HEIGHT);
  const ease = (t: number): number => t * t * t * (t * (t * 6 - 15) + 10);
  for (let octave = 0, side = cell, strength = 1; octave < octaves; octave++, side /= 2, strength /= 2) {
    const across = Math.ceil(WIDTH / side) + 2;
    const turns = Float32Array.from({ length: across * (Math.ceil(HEIGHT / side) + 2) }, () => 2 * Math.PI * random());
    const [right, downwards] = [Float64Array.from(turns, Math.cos), Float64Array.from(turns, Math.sin)];
    for (let i = 0; i < out.length; i++) {
      const [x, y] = [(i % WIDTH) / side, Math.floor(i / WIDTH) / side];
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const slope = (dx: number, dy: number): number => {
        const at = (row + dy) * across + column + dx;
        return right[at]! * (x - column - dx) + downwards[at]! * (y - row - dy);
      };
      const [u, v] = [ease(x - column), ease(y - row)];
      const [top, low] = [slope(0, 0) * (1 - u) + slope(1, 0) * u, slope(0, 1) * (1 - u) + slope(1, 1) * u];
      out[i] = out[i]! + strength * (top * (1 - v) + low * v);
    }
  }
  return normalised(out);
}

/** Round lights of every colour, out of focus by so many pixels. */
export function bokeh(random: () => number, sigma: number): readonly Plane[] {
  const planes = [0, 1, 2].map(() => new Float32Array(WIDTH * HEIGHT).fill(25));
  for (let n = 0; n < 20; n++) {
    const [x, y, radius] = [WIDTH * random(), HEIGHT * random(), 12 + 40 * random()];
    const light = planes.map(() => 30 + 50 * random());
    for (let v = Math.max(0, Math.floor(y - radius)); v <= Math.min(HEIGHT - 1, y + radius); v++) {
      for (let u = Math.max(0, Math.floor(x - radius)); u <= Math.min(WIDTH - 1, x + radius); u++) {
        if (Math.hypot(u - x, v - y) > radius) continue;
        for (const [c, plane] of planes.entries()) plane[v * WIDTH + u] = plane[v * WIDTH + u]! + light[c]!;
      }
    }
  }
  return planes.map((plane) => blurred(plane, sigma));
}

/** 3 bytes a pixel, from the colour at each pixel and its place, both from 0 to 1. */
export function drawing(colour: (x: number, y: number, i: number) => readonly number[]): Uint8Array {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const values = colour((i % WIDTH) / WIDTH, Math.floor(i / WIDTH) / HEIGHT, i);
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.round(Math.min(255, Math.max(0, values[c]!)));
  }
  return rgb;
}
