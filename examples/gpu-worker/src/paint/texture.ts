// Texture: a procedural material in place of the surface's own, lit by the surface's large-scale light and shade.

import { boxBlur } from '../segment/filter.ts';
import { rgbToLab } from '../segment/lab.ts';
import { layeredNoise, noise } from './noise.ts';
import { mapLab, meanLab, type Painter, type Surface } from './surface.ts';

export const TEXTURES = ['wood', 'marble', 'concrete', 'linen'] as const;
export type Texture = (typeof TEXTURES)[number];

/** Writes the material's Lab at a place; 1000 units are the photo's longer side. */
type Material = (x: number, y: number, seed: number, lab: Float32Array) => void;

const PLANK = 74;

const MATERIALS: Readonly<Record<Texture, Material>> = {
  wood: (x, y, seed, lab) => {
    const plank = Math.floor(y / PLANK);
    const own = noise(plank * 7.3, 0, seed);
    const along = x + own * 900;
    const grain = layeredNoise(along * 0.006, y * 0.11, seed + plank, 4);
    const ring = 0.5 + 0.5 * Math.sin((y * 0.16 + 7 * layeredNoise(along * 0.004, y * 0.02, seed + 9, 2)) * 2);
    const seam = y - plank * PLANK < 1.6 ? -14 : 0;
    lab[0] = 50 + 16 * (grain - 0.5) + 5 * (ring - 0.5) + 10 * (own - 0.5) + seam;
    lab[1] = 13 + 5 * (0.5 - grain);
    lab[2] = 30 + 6 * (own - 0.5);
  },
  marble: (x, y, seed, lab) => {
    const bend = 130 * layeredNoise(x * 0.006, y * 0.006, seed, 4);
    const vein = Math.abs(Math.sin((x * 0.55 + y + bend) * 0.021));
    const fine = Math.abs(Math.sin((x - y * 0.6 + bend * 1.7) * 0.05));
    lab[0] = 90 - 26 * (1 - vein) ** 5 - 8 * (1 - fine) ** 6 - 5 * layeredNoise(x * 0.02, y * 0.02, seed + 5, 2);
    lab[1] = 0;
    lab[2] = 2 + 4 * (1 - vein) ** 4;
  },
  concrete: (x, y, seed, lab) => {
    const cloud = layeredNoise(x * 0.008, y * 0.008, seed, 4) - 0.5;
    const sand = noise(x * 0.9, y * 0.9, seed + 3) - 0.5;
    lab[0] = 62 + 18 * cloud + 5 * sand;
    lab[1] = 0;
    lab[2] = 2.5 + 2 * cloud;
  },
  linen: (x, y, seed, lab) => {
    const warp = noise(x * 0.45, y * 0.03, seed) - 0.5;
    const weft = noise(x * 0.03, y * 0.45, seed + 2) - 0.5;
    lab[0] = 81 + 9 * warp + 9 * weft;
    lab[1] = 1.5;
    lab[2] = 11 + 3 * (warp + weft);
  },
};

/** Lightness of the surface without its own pattern, minus its mean; pixels outside do not count. */
function shading(surface: Surface, mean: number): Float32Array {
  const { rgb, mask, width, height } = surface;
  const lab = new Float32Array(3);
  const light = new Float32Array(mask.length);
  const weight = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    rgbToLab(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!, lab);
    light[i] = lab[0]! - mean;
    weight[i] = 1;
  }
  const r = Math.max(2, Math.round(Math.max(width, height) / 60));
  const spread = (plane: Float32Array) => boxBlur(boxBlur(plane, width, height, r), width, height, r);
  const share = spread(weight);
  return spread(light).map((v, i) => v / Math.max(share[i]!, 1e-3));
}

/** How much of the surface's fine relief shows through the material. */
const RELIEF = 0.22;

export function texture(value: Texture): Painter {
  const material = MATERIALS[value];
  return (surface) => {
    const [mean] = meanLab(surface);
    const shade = shading(surface, mean);
    const unit = 1000 / Math.max(surface.width, surface.height);
    const made = new Float32Array(3);
    return mapLab(surface, (lab, x, y, i) => {
      material(x * unit, y * unit, surface.seed, made);
      const relief = lab[0]! - mean - shade[i]!;
      lab[0] = Math.min(99, Math.max(2, made[0]! + 0.8 * shade[i]! + RELIEF * relief));
      lab[1] = made[1]!;
      lab[2] = made[2]!;
    });
  };
}
