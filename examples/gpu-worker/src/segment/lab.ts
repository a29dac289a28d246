// sRGB ⇄ CIE Lab (D65), by table: a photo of a megapixel is converted twice, so a cube root per channel would be most of the time.

const LINEAR = new Float32Array(256);
for (let i = 0; i < 256; i++) {
  const c = i / 255;
  LINEAR[i] = c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

const CURVE_STEPS = 8192;
const CURVE = new Float32Array(CURVE_STEPS + 2);
for (let i = 0; i < CURVE.length; i++) {
  const t = i / CURVE_STEPS;
  CURVE[i] = t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
}

const GAMMA_STEPS = 8192;
const GAMMA = new Uint8Array(GAMMA_STEPS + 1);
for (let i = 0; i <= GAMMA_STEPS; i++) {
  const c = i / GAMMA_STEPS;
  GAMMA[i] = Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
}

function curve(t: number): number {
  const x = t * CURVE_STEPS;
  const i = x | 0;
  const low = CURVE[i]!;
  return low + (CURVE[i + 1]! - low) * (x - i);
}

function uncurve(f: number): number {
  return f > 6 / 29 ? f * f * f : (116 * f - 16) * (27 / 24389);
}

function encode(linear: number): number {
  if (linear <= 0) return 0;
  return linear >= 1 ? 255 : GAMMA[(linear * GAMMA_STEPS + 0.5) | 0]!;
}

/** Writes L (0..100), a and b (about -110..110) of one 8-bit sRGB pixel to `out[at..at+2]`. */
export function rgbToLab(r: number, g: number, b: number, out: Float32Array, at = 0): void {
  const lr = LINEAR[r]!;
  const lg = LINEAR[g]!;
  const lb = LINEAR[b]!;
  const fx = curve((0.4124564 * lr + 0.3575761 * lg + 0.1804375 * lb) / 0.95047);
  const fy = curve(0.2126729 * lr + 0.7151522 * lg + 0.072175 * lb);
  const fz = curve((0.0193339 * lr + 0.119192 * lg + 0.9503041 * lb) / 1.08883);
  out[at] = 116 * fy - 16;
  out[at + 1] = 500 * (fx - fy);
  out[at + 2] = 200 * (fy - fz);
}

/** Writes the 8-bit sRGB pixel nearest to a Lab colour to `out[at..at+2]`, clipped to the gamut. */
export function labToRgb(l: number, a: number, b: number, out: Uint8Array, at = 0): void {
  const fy = (l + 16) / 116;
  const x = 0.95047 * uncurve(fy + a / 500);
  const y = uncurve(fy);
  const z = 1.08883 * uncurve(fy - b / 200);
  out[at] = encode(3.2404542 * x - 1.5371385 * y - 0.4985314 * z);
  out[at + 1] = encode(-0.969266 * x + 1.8760108 * y + 0.041556 * z);
  out[at + 2] = encode(0.0556434 * x - 0.2040259 * y + 1.0572252 * z);
}

/** Lab of a "#RRGGBB" colour. */
export function hexToLab(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  const lab = new Float32Array(3);
  rgbToLab((n >> 16) & 255, (n >> 8) & 255, n & 255, lab);
  return [lab[0]!, lab[1]!, lab[2]!];
}
