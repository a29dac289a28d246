/**
 * `npm run deploy:check`: bundles the Worker and builds the studio as `npm run deploy` would, without deploying, and looks at what is in the
 * bundle, at the weight of the studio's first screen, and at the bucket's lifecycle rules beside the settings.
 */
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { FIRST_SCREEN_LIMIT, firstScreen } from '../../studio/build/first-screen.ts';
import { fromRoot, WRANGLER } from '../paths.ts';
import { BUNDLE_LIMIT, bundleForProduction } from '../production-bundle.ts';
import { runStep } from '../run-step.ts';
import { daysNeeded, lifecycleFileProblems, readDeployment } from './bucket-lifecycle.ts';
import { studioForDeploy } from './studio.ts';

/** What has no business in production, by the path of a file in the bundle. */
const FOREIGN =
  /(^|\/)(panel|proving|start|studio|checks|examples|client-sdk|tests?|__tests__)\/|\.test\.[cm]?[jt]sx?$|vitest|fast-check/;

const { code, metafile } = await bundleForProduction().catch((error: Error) => {
  console.log(error.message);
  console.log('✘ nothing to check');
  process.exit(1);
});
/** Modules of Node that the platform has in itself, and that we chose: docs/decisions/0007-synchronous-signing.md. */
const BUILT_IN = new Set(['node:crypto']);
const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} KB`;
const zipped = gzipSync(code).length;
console.log(`bundle ${kb(Buffer.byteLength(code))}, gzip ${kb(zipped)} of ${kb(BUNDLE_LIMIT)}`);

const problems = foreignCode();
if (/panel-procedures|\/panel\b/.test(code)) problems.push('the panel is in the bundle');
for (const problem of problems) console.log(`✘ ${problem}`);
if (zipped > BUNDLE_LIMIT) console.log(`✘ after gzip it is ${zipped - BUNDLE_LIMIT} bytes above its limit`);
if (problems.length === 0)
  console.log(`✔ no panel or test code is in it, and no module of Node but ${[...BUILT_IN].join(', ')}`);

const pages = await studioProblems();
for (const problem of pages) console.log(`✘ ${problem}`);

const deployment = await readDeployment();
const lifecycle = lifecycleFileProblems(deployment);
for (const problem of lifecycle) console.log(`✘ ${problem}`);
if (lifecycle.length === 0) {
  const days = Object.entries(daysNeeded(deployment.numbers)).map(([folder, needed]) => `${folder} ${needed}`);
  console.log(`✔ the bucket's lifecycle rules delete nothing that is needed (days: ${days.join(', ')})`);
}
process.exitCode = problems.length + pages.length + lifecycle.length > 0 || zipped > BUNDLE_LIMIT ? 1 : 0;

function foreignCode(): string[] {
  const foreign = Object.keys(metafile.inputs).filter((file) => FOREIGN.test(file));
  const imports = Object.values(metafile.outputs).flatMap((out) => out.imports.filter((one) => one.external));
  const unknown = imports.filter(({ path }) => !path.startsWith('cloudflare:') && !BUILT_IN.has(path));
  return [
    ...foreign.map((file) => `${file} is in the bundle`),
    ...[...new Set(unknown.map((one) => one.path))].map((name) => `the bundle imports ${name}`),
  ];
}

/** Whether the studio is built, light enough, and taken by wrangler as static files beside the same Worker. */
async function studioProblems(): Promise<string[]> {
  try {
    const folder = await studioForDeploy();
    const { bytes } = firstScreen(folder);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
    console.log(
      `studio ${files} files, first screen ${kb(bytes)} of JavaScript after gzip of ${kb(FIRST_SCREEN_LIMIT)}`,
    );
    const args = ['deploy', '--config', fromRoot('wrangler.toml'), '--dry-run'];
    const { CLOUDFLARE_ENV: _, NODE_ENV: __, ...env } = process.env;
    const { ok, output } = await runStep(process.execPath, [WRANGLER, ...args], { env });
    return ok ? [] : [`wrangler does not take the Worker with the studio: ${output.trim()}`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
