/**
 * `npm run sdk:api`: whether the client's public API is the one that is written down in client-sdk/api. `-- --update` writes it down,
 * unless that would break apps of the last release under a version that must not; `-- --release` is for publishing: what is written
 * down becomes what later versions are measured by.
 */
import { flag, optionsGiven } from '../../../start/options.ts';
import { buildClientSdk } from '../../build-if-stale.ts';
import { broken, differing, release, update } from './snapshot.ts';

const values = optionsGiven({ update: flag(), release: flag() });

await buildClientSdk();
const breaks = broken();
if (breaks.length > 0) {
  console.error('This breaks apps that use the last release; it needs a new version in client-sdk/package.json');
  console.error('(a new major one, below 1.0 a new minor one), or has to be taken back:');
  for (const what of breaks) console.error(`- ${what}`);
  process.exitCode = 1;
} else if (values.update) {
  update();
  console.log('client-sdk/api is up to date; the change belongs into the commit.');
} else {
  const names = differing();
  if (names.length > 0) {
    console.error(`The public API has changed: ${names.join(', ')}. To take it over:`);
    console.error('npm run sdk:api -- --update');
    process.exitCode = 1;
  } else if (values.release) console.log(`Later versions are measured by ${release()}.`);
  else console.log('The public API is the one that is written down.');
}
