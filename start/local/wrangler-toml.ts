/** wrangler.toml as it is read here: the one source of what local stacks and tests run. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashOf } from '../freshness.ts';
import { fromRoot, GENERATED } from '../paths.ts';

/** The fields of wrangler.toml that others look into. */
export type WranglerToml = {
  main?: string | undefined;
  alias?: Record<string, string> | undefined;
  tsconfig?: string | undefined;
  vars?: Record<string, unknown> | undefined;
  r2_buckets?: { binding: string }[] | undefined;
  assets?: { directory?: string | undefined; run_worker_first?: boolean | string[] | undefined } | undefined;
  ratelimits?: { name: string; simple: { limit: number } }[] | undefined;
  d1_databases?:
    | { binding: string; database_name?: string | undefined; migrations_dir?: string | undefined }[]
    | undefined;
};

/** Parsed by wrangler itself, which takes more than a second to load: so the outcome is kept until the file changes. */
export async function readWranglerToml(): Promise<WranglerToml> {
  const file = fromRoot('wrangler.toml');
  const kept = path.join(GENERATED, 'cache', `wrangler-toml-${hashOf([file])}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const { experimental_readRawConfig } = await import('wrangler');
  const { rawConfig } = experimental_readRawConfig({ config: file });
  writeWhole(kept, JSON.stringify(rawConfig));
  return rawConfig;
}

/** What the bundle takes in place of a package, as absolute files. */
export const aliasOf = ({ alias = {} }: Pick<WranglerToml, 'alias'>): Record<string, string> =>
  Object.fromEntries(Object.entries(alias).map(([name, file]) => [name, fromRoot(file)]));

/** Others may read the file at the same time, so it appears whole or not at all. */
function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
