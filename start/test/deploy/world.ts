/** A deployment without an account: wrangler.toml with its settings in a folder of its own, the fake wrangler, and a service that answers as told. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { corsInWords, corsRules, lifecycleInWords, lifecycleRules } from '../../deploy/bucket-rules.ts';
import type { Seen } from '../../deploy/canary.ts';
import { type Around, type Asked, deploy } from '../../deploy/deploy.ts';
import { migrationFiles } from '../../deploy/schema.ts';
import { readTarget, WRANGLER_TOML } from '../../deploy/target.ts';
import { ACCOUNT_ID, emptyAccount, type FakeAccount, type FakeWrangler, fakeWrangler } from './fake-wrangler.ts';

export const OLD_VERSION = '3f1c9a52-7d1e-4c0b-9a55-0f4c2d7be001';

/** Obviously fake. */
export const SECRETS = {
  JWT_SECRET: 'jwt-secret-for-tests-only-0123456789abcdef',
  GPU_CALLBACK_SECRET: 'callback-secret-for-tests-only-0123456789',
  R2_ACCESS_KEY_ID: 'r2-access-key-for-tests-only',
  R2_SECRET_ACCESS_KEY: 'r2-secret-key-for-tests-only',
  GPU_API_KEY: 'gpu-key-for-tests-only',
};
export const VARS = {
  R2_ACCOUNT_ID: ACCOUNT_ID,
  GPU_URL: 'https://api.runpod.ai/v2/endpoint',
  CORS_ORIGINS: 'https://app.example.com',
};

export type World = FakeWrangler & {
  toml: string;
  folder: string;
  /** What was said to whoever deploys. */
  said: string[];
  /** Runs `npm run deploy`. */
  deploy(asked?: Partial<Asked>, around?: Partial<Around>): Promise<number>;
};

const folders: string[] = [];
export const removeFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

/** @param vars under `[vars]` of production and staging; null takes one of VARS away */
export function worldOf(
  account: FakeAccount,
  vars: Record<string, string | null> = {},
  baseUrl = 'https://api.example.com',
): World {
  const folder = mkdtempSync(path.join(tmpdir(), 's3-deploy-test-'));
  folders.push(folder);
  const toml = path.join(folder, 'wrangler.toml');
  copyFileSync(WRANGLER_TOML, toml);
  const all = { ...VARS, PUBLIC_BASE_URL: baseUrl, ...vars };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name} = "${value}"`]));
  const text = readFileSync(toml, 'utf8').replace(/^\[(env\.staging\.)?vars\]$/gm, (heading) =>
    [heading, ...lines].join('\n'),
  );
  writeFileSync(toml, text);
  const fake = fakeWrangler(account);
  const said: string[] = [];
  const around: Around = {
    env: { ...SECRETS },
    wrangler: fake.wrangler,
    terminal: { isThere: false, confirm: async () => false, secret: async () => '' },
    say: (line) => said.push(line),
    toml,
    kept: folder,
    buildStudio: async () => {},
    canary: async () => WENT_THROUGH,
    limits: { health: 0, pause: 1, canary: 1_000 },
  };
  return {
    ...fake,
    toml,
    folder,
    said,
    deploy: (asked, more) => deploy({ environment: null, plan: false, yes: true, ...asked }, { ...around, ...more }),
  };
}

export const WENT_THROUGH: Seen = { ok: true, said: ['a photo went through'] };

/** Labels and values as wrangler prints them. */
const printed = (rules: readonly Record<string, string>[]): string =>
  rules
    .map((rule) => {
      const width = Math.max(...Object.keys(rule).map((label) => label.length + 1));
      return Object.entries(rule)
        .map(([label, value]) => `${`${label}:`.padEnd(width)}  ${value}`)
        .join('\n');
    })
    .join('\n\n');

/** Everything that a deployment needs is there, and the release before runs. */
export function usedAccount(environment: string | null = null, baseUrl = 'https://api.example.com'): FakeAccount {
  const { worker, database, bucket, queues, required, tags, classes } = readTarget(environment);
  const [jobs = '', dead = ''] = queues;
  return {
    ...emptyAccount(),
    databases: [{ uuid: database.id ?? '99999999-2222-4333-8444-555555555555', name: database.name }],
    schema: [
      { name: '_cf_KV', sql: 'CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID' },
      { name: 'sqlite_sequence', sql: 'CREATE TABLE sqlite_sequence(name,seq)' },
      { name: 'd1_migrations', sql: 'CREATE TABLE d1_migrations (id INTEGER, name TEXT)' },
    ],
    applied: migrationFiles(database.migrations),
    buckets: {
      [bucket]: {
        cors: printed(corsInWords(corsRules({ ...VARS, PUBLIC_BASE_URL: baseUrl }).rules)),
        lifecycle: printed(lifecycleInWords(lifecycleRules())),
      },
    },
    queues: { [jobs]: [worker], [dead]: [worker] },
    secrets: { [worker]: [...required] },
    traffic: { [worker]: [{ version_id: OLD_VERSION, percentage: 100 }] },
    tag: tags.at(-1),
    classes: [...classes],
  };
}

/** A service whose `/health` answers so. */
export async function healthService(status: number, body: object): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
