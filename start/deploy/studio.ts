/** The studio as it is deployed: built, and its headers naming the storage of the account that wrangler.toml deploys to. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { experimental_readRawConfig } from 'wrangler';
import { R2_STORAGE, siteHeaders } from '../../studio/build/headers.ts';
import { buildStudio } from '../../studio/build/if-stale.ts';
import { fromRoot } from '../paths.ts';

type Vars = { R2_S3_ENDPOINT?: unknown; R2_ACCOUNT_ID?: unknown };

/** @param environment section `env.NAME` of wrangler.toml; the top level when left out */
export async function studioForDeploy(environment?: string): Promise<string> {
  const folder = await buildStudio();
  const { rawConfig } = experimental_readRawConfig({ config: fromRoot('wrangler.toml') });
  const section = environment === undefined ? rawConfig : rawConfig.env?.[environment];
  writeFileSync(path.join(folder, '_headers'), siteHeaders(storageOf((section?.vars ?? {}) as Vars)));
  return folder;
}

/** Where presigned URLs lead; any account's storage while none is named. */
export function storageOf({ R2_S3_ENDPOINT, R2_ACCOUNT_ID }: Vars): string {
  if (typeof R2_S3_ENDPOINT === 'string') return new URL(R2_S3_ENDPOINT).origin;
  return typeof R2_ACCOUNT_ID === 'string' ? `https://${R2_ACCOUNT_ID}.r2.cloudflarestorage.com` : R2_STORAGE;
}
