/** `npm run deploy` as it is typed, with a program in wrangler's place. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { wranglerOf } from '../../deploy/wrangler.ts';
import { temporaryFolder } from '../../ending.ts';
import { fromRoot, ROOT } from '../../paths.ts';
import { runStep } from '../../run-step.ts';
import { emptyAccount, writes } from './fake-wrangler.ts';
import { SECRETS } from './world.ts';

const folder = temporaryFolder('s3-deploy-program-');
afterAll(() => folder.remove());
const FAKE_ACCOUNT = path.join(folder.path, 'account.json');
const FAKE_LOG = path.join(folder.path, 'log');
const env = {
  ...process.env,
  ...SECRETS,
  S3_DEPLOY_WRANGLER: fromRoot('start', 'test', 'deploy', 'fake-program.ts'),
  FAKE_ACCOUNT,
  FAKE_LOG,
  CLOUDFLARE_ENV: 'elsewhere',
  NODE_ENV: 'test',
};

type Line = { args: string[]; input: string; env: Record<string, string> };
const asked = (): Line[] =>
  existsSync(FAKE_LOG)
    ? readFileSync(FAKE_LOG, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

test('--plan shows what is missing with every command, says what stops it, and asks wrangler only to read', async () => {
  writeFileSync(FAKE_ACCOUNT, JSON.stringify(emptyAccount()));
  const toml = readFileSync(fromRoot('wrangler.toml'), 'utf8');
  const args = ['start/deploy/main.ts', '--plan', '--env', 'staging'];
  const { output } = await runStep(process.execPath, args, { env, cwd: ROOT });
  expect(output).toMatch(/^staging\n/);
  expect(output).toMatch(/npx wrangler d1 create s3-db-staging\n/);
  expect(output).toMatch(/npx wrangler deploy --env=staging\n/);
  expect(output).toMatch(/✘ PUBLIC_BASE_URL is missing, under \[env\.staging\.vars\]/);
  expect(asked().length).toBeGreaterThan(4);
  expect(writes(asked())).toEqual([]);
  expect(readFileSync(fromRoot('wrangler.toml'), 'utf8')).toBe(toml);
  expectNoSecret(output);
});

test('a secret reaches wrangler by its standard input, and neither by an argument nor by the environment', async () => {
  writeFileSync(FAKE_ACCOUNT, JSON.stringify(emptyAccount()));
  const shown: string[] = [];
  const how = { input: JSON.stringify(SECRETS), show: (text: string) => shown.push(text) };
  const { code, stdout } = await wranglerOf(env)(['secret', 'bulk', '--env='], how);
  expect([code, stdout]).toEqual([0, expect.stringContaining('created secret for key: GPU_API_KEY')]);
  expect(JSON.parse(asked().at(-1)?.input ?? '')).toEqual(SECRETS);
  expectNoSecret(shown.join(''));
});

test('an option that does not exist is refused with the usage', async () => {
  const args = ['start/deploy/main.ts', '--dry-run'];
  const { ok, output } = await runStep(process.execPath, args, { env, cwd: ROOT });
  expect([ok, output]).toEqual([false, expect.stringContaining('npm run deploy [-- OPTIONS]')]);
});

function expectNoSecret(output: string): void {
  const words = [output, ...asked().flatMap((line) => [...line.args, ...Object.values(line.env)])].join('\n');
  for (const value of Object.values(SECRETS)) expect(words).not.toContain(value);
  for (const line of asked()) expect([line.env.CLOUDFLARE_ENV, line.env.NODE_ENV]).toEqual([undefined, undefined]);
}
