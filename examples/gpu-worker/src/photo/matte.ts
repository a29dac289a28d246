// A picture with transparency as it is looked at: on white, or, where what is cut out is itself light, on a dark ground.

import type { Pixels } from './pixels.ts';

const WHITE = 255;
const DARK = 48;
/** Mean of the light channel-wise brightness, 0..255, from which what is cut out would vanish on white. */
const LIGHT = 190;

/** Where so much is transparent, what is not is taken for cut out. */
const CUT_OUT = 0.02;

function groundFor({ rgb, alpha }: Pixels): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < alpha!.length; i++) {
    if (alpha![i]! < 128) continue;
    sum += rgb[3 * i]! + rgb[3 * i + 1]! + rgb[3 * i + 2]!;
    n += 3;
  }
  return alpha!.length * (1 - CUT_OUT) > n / 3 && sum / Math.max(1, n) > LIGHT ? DARK : WHITE;
}

export function matted(picture: Pixels): Pixels {
  const { rgb, alpha } = picture;
  if (!alpha) return picture;
  const ground = groundFor(picture);
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < alpha.length; i++) {
    const a = alpha[i]! / 255;
    for (let c = 3 * i; c < 3 * i + 3; c++) out[c] = Math.round(ground + a * (rgb[c]! - ground));
  }
  return { ...picture, rgb: out };
}
