/** Twelve real photos of two presets' samples, some of them turned or cut, as an album has them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { fromRoot } from '../../../../start/paths.ts';

export interface Album {
  /** In the order of the names. */
  files: string[];
  names: string[];
  remove(): void;
}

const samples = (preset: 'interior' | 'seller'): string[] =>
  readdirSync(fromRoot('examples', 'photos', preset))
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => fromRoot('examples', 'photos', preset, name));

/** @param count up to twelve */
export async function albumOf(count: number, preset: 'interior' | 'seller' = 'interior'): Promise<Album> {
  const folder = mkdtempSync(path.join(tmpdir(), 's3-album-'));
  const real =
    preset === 'interior'
      ? [...samples('interior'), ...samples('seller')]
      : [...samples('seller'), ...samples('interior')];
  const files = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const from = real[at % real.length] as string;
      const file = path.join(folder, `${String(at + 1).padStart(2, '0')} ${path.basename(from)}`);
      const picture = sharp(from).resize({ width: 720, height: 720, fit: 'inside', withoutEnlargement: true });
      await (at >= real.length ? picture.rotate(90) : picture).jpeg({ quality: 85 }).toFile(file);
      return file;
    }),
  );
  return { files, names: files.map((file) => path.basename(file)), remove: () => rmSync(folder, { recursive: true }) };
}
