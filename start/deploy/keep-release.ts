/**
 * `npm run release:keep -- NAME`: keeps the production bundle of this checkout under server/test/releases/NAME, for the test that a
 * rollback to it loses nothing. Run it for each release, and note its commit in the README there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fromRoot } from '../paths.ts';
import { bundleForProduction } from '../production-bundle.ts';

const [name = ''] = process.argv.slice(2);
if (!/^[0-9A-Za-z.-]+$/.test(name)) {
  console.error('npm run release:keep -- NAME: letters, digits, dots and hyphens, such as 0.1.0-3');
  process.exit(2);
}
const { code } = await bundleForProduction();
const folder = fromRoot('server', 'test', 'releases', name);
mkdirSync(folder, { recursive: true });
const file = path.join(folder, 'worker.js.gz');
writeFileSync(file, gzipSync(code, { level: 9 }));
console.log(`kept ${path.relative(process.cwd(), file)}`);
