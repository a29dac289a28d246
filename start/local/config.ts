/** The Worker's configuration for one local stack, derived from wrangler.toml: the same Worker, with local addresses and credentials. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from '../paths.ts';
import { formatEnv, type Settings } from './dev-vars.ts';
import { aliasOf, readWranglerToml } from './wrangler-toml.ts';

export type LocalConfig = {
  /** The generated wrangler.json. */
  file: string;
  /** Name of the D1 database, for `wrangler d1`. */
  database: string;
  migrations: string;
};

/** Where the local R2 bucket is served over the S3 protocol, below the Worker's own address. */
export const LOCAL_S3_PATH = '/cdn-cgi/local/r2/s3';

/** Limits that nobody meets who runs jobs on his own machine, by the names that {@link writeLocalConfig} knows. */
export const GENEROUS_LIMITS = {
  SIGNUP_LIMIT_PER_MINUTE: '1000000',
  MUTATION_LIMIT_PER_MINUTE: '1000000',
  SIGNUP_DAILY_CREDITS: '1000000000',
  SIGNUP_ADDRESS_DAILY_CREDITS: '1000000000',
  SIGNUP_ADDRESS_HOURLY: '1000000000',
  GPU_DAILY_PHOTOS: '1000000000',
  FREE_DAILY_JOBS: '1000000000',
  FREE_DAILY_UNPAID_PHOTOS: '1000000000',
  FREE_HOURLY_QUERIES: '1000000000',
  FREE_DAILY_RULE_CHANGES: '1000000000',
  PRO_DAILY_JOBS: '1000000000',
  PRO_DAILY_UNPAID_PHOTOS: '1000000000',
  PRO_HOURLY_QUERIES: '1000000000',
  PRO_DAILY_RULE_CHANGES: '1000000000',
} as const;

/** A rate limit stands in the configuration, not in a setting: this is the name under which it is set all the same. */
const limitSetting = (binding: string): string => `${binding}_PER_MINUTE`;

/** What wrangler.toml says about production only. */
const DROPPED = ['env', 'dev', 'route', 'routes', 'account_id', 'secrets', 'build', 'minify', 'keep_names', 'assets'];

/**
 * Writes wrangler.json and the settings beside it, into `folder`.
 * @param settings every setting and secret of the Worker; they win over `vars` of wrangler.toml, and `null` removes one
 *   `SIGNUP_LIMIT_PER_MINUTE` and `MUTATION_LIMIT_PER_MINUTE` set those rate limits; without them wrangler.toml's apply
 * @param assets a folder to serve as static files in place of wrangler.toml's; null for none
 */
export async function writeLocalConfig(
  folder: string,
  settings: Record<string, string | null>,
  assets: string | null,
): Promise<LocalConfig> {
  const config = await readWranglerToml();
  const vars = { ...config.vars };
  for (const name of Object.keys(settings)) delete vars[name];
  const present: Settings = {};
  for (const [name, value] of Object.entries(settings)) if (value !== null) present[name] = value;

  const ratelimits = config.ratelimits?.map((entry) => {
    const { [limitSetting(entry.name)]: limit } = present;
    delete present[limitSetting(entry.name)];
    return limit === undefined ? entry : { ...entry, simple: { ...entry.simple, limit: Number(limit) } };
  });

  const database = config.d1_databases?.[0];
  const migrations = fromRoot(database?.migrations_dir ?? 'migrations');
  const credentials = {
    accessKeyId: present.R2_ACCESS_KEY_ID ?? 'not-set',
    secretAccessKey: present.R2_SECRET_ACCESS_KEY ?? 'not-set',
  };
  const local = {
    ...Object.fromEntries(Object.entries(config).filter(([name]) => !DROPPED.includes(name))),
    main: config.main && fromRoot(config.main),
    tsconfig: config.tsconfig && fromRoot(config.tsconfig),
    vars,
    alias: aliasOf(config),
    send_metrics: false,
    ratelimits,
    r2_buckets: config.r2_buckets?.map((bucket) => ({
      ...bucket,
      ...(present.R2_BUCKET_NAME ? { bucket_name: present.R2_BUCKET_NAME } : {}),
      local_dev: { experimental_s3_credentials: credentials },
    })),
    d1_databases: config.d1_databases?.map((entry) => ({ ...entry, migrations_dir: migrations })),
    ...(assets ? { assets: { ...config.assets, directory: assets } } : {}),
  };

  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'wrangler.json');
  writeFileSync(file, `${JSON.stringify(local, null, 2)}\n`, { mode: 0o600 });
  // wrangler reads the .dev.vars beside its configuration, and hides those values where it prints the others.
  writeFileSync(path.join(folder, '.dev.vars'), formatEnv(present), { mode: 0o600 });
  return { file, database: database?.database_name ?? 'DB', migrations };
}
