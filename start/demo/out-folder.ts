/** The folder that the demo writes. What an earlier demo left there is replaced; anything else is left alone. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const MARKER = '.s3-demo';
const OURS = ['index.html', 'results', 'previews', 'masks', 'sets', 'sheet'];

export function prepareOutFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const marker = path.join(folder, MARKER);
  if (!existsSync(marker) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} holds files that no demo made: choose another folder with --out`);
  }
  writeFileSync(marker, 'npm run demo replaces what is in this folder.\n');
  for (const name of OURS) rmSync(path.join(folder, name), { recursive: true, force: true });
}
