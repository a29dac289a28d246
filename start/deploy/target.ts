/** What wrangler.toml says of one deployment: production is the top level, any other a section `env.NAME`, of which little is inherited. */
import { readFileSync } from 'node:fs';
import { experimental_readRawConfig, unstable_readConfig } from 'wrangler';
import * as z from 'zod';
import { fromRoot } from '../paths.ts';

export const WRANGLER_TOML = fromRoot('wrangler.toml');

/** One deployment, by the names of its parts. */
export type Target = {
  /** Null is production. */
  environment: string | null;
  worker: string;
  /** `id` is null as long as no database is known; `migrations` is their folder, from the root. */
  database: { name: string; id: string | null; migrations: string };
  bucket: string;
  /** The queue of messages, then that of dead letters. */
  queues: readonly string[];
  /** Settings under `vars`, as the Worker gets them. */
  vars: Record<string, string>;
  /** Secrets without which nothing runs. */
  required: readonly string[];
  /** Tags of the objects' migrations, the newest last. */
  tags: readonly string[];
  classes: readonly string[];
};

const config = z.object({
  name: z.string(),
  vars: z.record(z.string(), z.unknown()),
  secrets: z.object({ required: z.array(z.string()).default([]) }).optional(),
  d1_databases: z.tuple([
    z.object({
      database_name: z.string(),
      database_id: z.string().optional(),
      migrations_dir: z.string().default('migrations'),
    }),
  ]),
  r2_buckets: z.tuple([z.object({ bucket_name: z.string() })]),
  queues: z.object({
    producers: z.tuple([z.object({ queue: z.string() })]),
    consumers: z.array(z.object({ queue: z.string() })),
  }),
  durable_objects: z.object({ bindings: z.array(z.object({ class_name: z.string() })) }),
  migrations: z.array(z.object({ tag: z.string() })),
});

/** Throws for a section that is not there, or that lacks a part. @param file another wrangler.toml than the repository's */
export function readTarget(environment: string | null, file = WRANGLER_TOML): Target {
  const { rawConfig } = experimental_readRawConfig({ config: file });
  if (environment !== null && rawConfig.env?.[environment] === undefined) {
    throw new Error(`wrangler.toml has no section env.${environment}`);
  }
  // An empty name is the top level, whatever CLOUDFLARE_ENV says.
  const merged = unstable_readConfig({ config: file, env: environment ?? '' }, { hideWarnings: true });
  const parsed = config.safeParse(merged);
  if (!parsed.success) throw new Error(`wrangler.toml lacks a part: ${z.prettifyError(parsed.error)}`);
  const { name, vars, secrets, d1_databases, r2_buckets, queues, durable_objects, migrations } = parsed.data;
  const [{ database_name, database_id, migrations_dir }] = d1_databases;
  return {
    environment,
    worker: name,
    database: { name: database_name, id: database_id ?? null, migrations: migrations_dir },
    bucket: r2_buckets[0].bucket_name,
    queues: [...new Set([queues.producers[0].queue, ...queues.consumers.map(({ queue }) => queue)])],
    vars: Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, String(value)])),
    required: secrets?.required ?? [],
    tags: migrations.map(({ tag }) => tag),
    classes: durable_objects.bindings.map(({ class_name }) => class_name),
  };
}

/** Always given: left out, CLOUDFLARE_ENV would decide. */
export const envArgument = ({ environment }: Pick<Target, 'environment'>): string => `--env=${environment ?? ''}`;

/** The text of wrangler.toml with the id of the target's database in its place, and nothing else changed. */
export function withDatabaseId(toml: string, environment: string | null, id: string): string {
  const heading = environment === null ? '[[d1_databases]]' : `[[env.${environment}.d1_databases]]`;
  const lines = toml.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`wrangler.toml has no ${heading}`);
  const next = lines.findIndex((line, at) => at > start && line.startsWith('['));
  const end = next < 0 ? lines.length : next;
  const at = lines.findIndex((line, n) => n > start && n < end && /^\s*database_id\s*=/.test(line));
  const line = `database_id = "${id}"`;
  if (at >= 0) lines[at] = line;
  else {
    const after = lines.findIndex((one, n) => n > start && n < end && /^\s*database_name\s*=/.test(one));
    lines.splice((after < 0 ? start : after) + 1, 0, line);
  }
  return lines.join('\n');
}

export const readToml = (file = WRANGLER_TOML): string => readFileSync(file, 'utf8');
