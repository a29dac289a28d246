// One layer's pixels as painters see them: the photo, where to paint, and that area's mean colour.

import { labToRgb, rgbToLab } from '../segment/lab.ts';

export interface Surface {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** painted where > 0 */
  readonly mask: Uint8Array;
  /** makes procedural patterns differ from photo to photo, and the same photo come out the same */
  readonly seed: number;
}

/** Returns the photo with the surface changed; pixels outside the mask are ignored by the caller. */
export type Painter = (surface: Surface) => Uint8Array;

/** Mean L, a and b of at most about 20,000 pixels of the surface. */
export function meanLab({ rgb, mask }: Surface): [number, number, number] {
  const lab = new Float32Array(3);
  const sum = [0, 0, 0];
  let n = 0;
  let area = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i]) area++;
  const step = Math.max(1, Math.floor(area / 20_000));
  let k = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i] || k++ % step) continue;
    rgbToLab(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!, lab);
    for (let c = 0; c < 3; c++) sum[c] = sum[c]! + lab[c]!;
    n++;
  }
  return [sum[0]! / Math.max(1, n), sum[1]! / Math.max(1, n), sum[2]! / Math.max(1, n)];
}

/** Runs `change` on the Lab colour of every pixel of the surface. */
export function mapLab(
  surface: Surface,
  change: (lab: Float32Array, x: number, y: number, i: number) => void,
): Uint8Array {
  const { rgb, width, mask } = surface;
  const out = rgb.slice();
  const lab = new Float32Array(3);
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    rgbToLab(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!, lab);
    const x = i % width;
    change(lab, x, (i - x) / width, i);
    labToRgb(lab[0]!, lab[1]!, lab[2]!, out, 3 * i);
  }
  return out;
}
