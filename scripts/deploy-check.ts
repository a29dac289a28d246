/** `npm run deploy:check`: bundles the Worker as `wrangler deploy` would, without deploying, and looks at what is in the bundle. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { GENERATED, WRANGLER } from './paths.ts';
import { runStep } from './run-step.ts';

const OUT = path.join(GENERATED, 'deploy-check');
const METAFILE = path.join(OUT, 'bundle-meta.json');

/** What has no business in production, by the path of a file in the bundle. */
const FOREIGN =
  /(^|\/)(panel|scripts|examples|bench|client-sdk|tests?|__tests__)\/|\.test\.[cm]?[jt]sx?$|trpc-ui|vitest|fast-check/;

type Metafile = {
  inputs: Record<string, unknown>;
  outputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
};

process.env.WRANGLER_SEND_METRICS = 'false';
process.env.WRANGLER_HIDE_BANNER = 'true';
process.env.WRANGLER_LOG_PATH = path.join(GENERATED, 'logs');
delete process.env.NODE_ENV;

rmSync(OUT, { recursive: true, force: true });
const deploy = ['deploy', '--dry-run', '--outdir', OUT, '--metafile', METAFILE];
const { ok, output } = await runStep(process.execPath, [WRANGLER, ...deploy]);
if (!ok) {
  console.log(output.trim());
  console.log('✘ the Worker does not bundle');
  process.exit(1);
}

const problems = [...foreignCode(), ...(await sizes())];
for (const problem of problems) console.log(`✘ ${problem}`);
if (problems.length === 0) console.log('✔ no panel, test code or node: module is in it');
process.exitCode = problems.length > 0 ? 1 : 0;

function foreignCode(): string[] {
  const meta: Metafile = JSON.parse(readFileSync(METAFILE, 'utf8'));
  const foreign = Object.keys(meta.inputs).filter((file) => FOREIGN.test(file));
  const imports = Object.values(meta.outputs).flatMap((out) => out.imports.filter((one) => one.external));
  const node = imports.filter((one) => !one.path.startsWith('cloudflare:'));
  return [
    ...foreign.map((file) => `${file} is in the bundle`),
    ...[...new Set(node.map((one) => one.path))].map((name) => `the bundle imports ${name}`),
  ];
}

/** Prints what would be uploaded, and what it is when minified and compressed. */
async function sizes(): Promise<string[]> {
  const file = readdirSync(OUT).find((name) => name.endsWith('.js'));
  if (!file) return ['wrangler wrote no bundle'];
  const code = readFileSync(path.join(OUT, file), 'utf8');
  const minified = (await transform(code, { minify: true, format: 'esm', target: 'es2024' })).code;
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(0)} KB`;
  const gzip = (text: string) => kb(gzipSync(text).length);
  console.log(
    `bundle ${kb(Buffer.byteLength(code))}, gzip ${gzip(code)}; minified ${kb(Buffer.byteLength(minified))}, gzip ${gzip(minified)}`,
  );
  return /renderTrpcPanel|trpc-ui|\/panel\b/.test(code) ? ['the panel is in the bundle'] : [];
}
