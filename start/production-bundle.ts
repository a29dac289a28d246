/** The bundle that `wrangler deploy` would upload, made without deploying: minified, with NODE_ENV `production`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { hashOf } from './freshness.ts';
import { fromRoot, GENERATED, WRANGLER } from './paths.ts';
import { runStep } from './run-step.ts';

/** What decides how the bundle comes out. */
const SOURCES = ['server/src', 'server/package.json', 'package-lock.json', 'wrangler.toml'];
const METAFILE = 'bundle-meta.json';

/** Bytes of the minified bundle after gzip that it may have: they are read at each cold start. The platform allows 3 MB. */
export const BUNDLE_LIMIT = 100_000;

/** What esbuild says of a bundle. */
export type Metafile = {
  inputs: Record<string, unknown>;
  outputs: Record<
    string,
    { imports: { path: string; external?: boolean }[]; inputs: Record<string, { bytesInOutput: number }> }
  >;
};

export type ProductionBundle = {
  /** The one module that is uploaded. */
  file: string;
  code: string;
  metafile: Metafile;
};

/**
 * Bundles the Worker, or another entry, and keeps the outcome until a source changes. Throws what wrangler printed when it does
 * not bundle.
 * @param entry module to bundle, from the root; wrangler.toml's `main` when left out
 * @param besides files and folders that the entry needs beside the Worker's own, from the root
 */
export async function bundleForProduction(entry?: string, besides: readonly string[] = []): Promise<ProductionBundle> {
  const sources = [...SOURCES, ...besides, ...(entry === undefined ? [] : [entry])].map((name) => fromRoot(name));
  const name = entry === undefined ? 'worker' : path.basename(entry, '.ts');
  const folder = path.join(GENERATED, 'cache', 'production', `${name}-${hashOf(sources).slice(0, 16)}`);
  if (!existsSync(folder)) await build(entry, folder);
  const module = readdirSync(folder).find((file) => file.endsWith('.js'));
  if (module === undefined) throw new Error(`wrangler wrote no bundle into ${folder}`);
  const file = path.join(folder, module);
  const metafile = JSON.parse(readFileSync(path.join(folder, METAFILE), 'utf8'));
  return { file, code: readFileSync(file, 'utf8'), metafile };
}

/** Others may want the same bundle at the same time, so the folder appears whole or not at all. */
async function build(entry: string | undefined, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  // Static files are none of the bundle's: they need not be there.
  const noAssets = path.join(draft, 'no-assets');
  mkdirSync(noAssets);
  const main = entry === undefined ? [] : [fromRoot(entry)];
  const args = [
    'deploy',
    ...main,
    '--config',
    fromRoot('wrangler.toml'),
    '--dry-run',
    '--outdir',
    draft,
    '--assets',
    noAssets,
  ];
  // NODE_ENV would decide whether the Worker takes itself for a production one.
  const { CLOUDFLARE_ENV: _, NODE_ENV: __, ...inherited } = process.env;
  const quiet = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };
  const env = { ...inherited, ...quiet, WRANGLER_LOG_PATH: path.join(GENERATED, 'logs') };
  const metafile = path.join(draft, METAFILE);
  const { ok, output } = await runStep(process.execPath, [WRANGLER, ...args, '--metafile', metafile], { env });
  if (!ok) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`the Worker does not bundle:\n${output.trim()}`);
  }
  try {
    renameSync(draft, folder);
  } catch {
    // Somebody else has just put the same there.
    rmSync(draft, { recursive: true, force: true });
  }
}
