/** When `npm run deploy` does nothing at all, and what it says then. */
import { afterAll, expect, test } from 'vitest';
import { emptyAccount, type FakeAccount, writes } from './fake-wrangler.ts';
import { removeFolders, SECRETS, usedAccount as used, VARS, type World, worldOf } from './world.ts';

afterAll(removeFolders);

const world = (account: FakeAccount, vars: Record<string, string | null> = {}) => worldOf(account, vars);
const heard = ({ said }: World) => said.join('\n');

/** Nothing is changed, and what has to be put right is told. */
async function refuses(refusing: World, words: RegExp, more: Parameters<World['deploy']>[1] = {}): Promise<void> {
  expect(await refusing.deploy({}, more)).toBe(1);
  expect(heard(refusing)).toMatch(words);
  expect(writes(refusing.asked)).toEqual([]);
}

test.for(
  Object.keys({ ...VARS, PUBLIC_BASE_URL: '' }).filter((name) => name !== 'CORS_ORIGINS'),
)('without the setting %s nothing is done', async (name) => {
  await refuses(world(used(), { [name]: null }), new RegExp(`✘ ${name} is missing, under \\[vars\\]`));
});

test.for(
  Object.keys(SECRETS).filter((name) => !['JWT_SECRET', 'GPU_CALLBACK_SECRET'].includes(name)),
)('without %s, and nobody to ask, nothing is done', async (name) => {
  const env = { ...SECRETS, [name]: '' };
  await refuses(world(emptyAccount()), new RegExp(`✘ ${name} is not set`), { env });
});

test('nothing is done where a secret would have to be made, and whoever deploys could not keep it', async () => {
  const { JWT_SECRET: _, ...env } = SECRETS;
  await refuses(world(emptyAccount()), /✘ JWT_SECRET is not set/, { env: { ...env, CI: 'true' } });
});

test('nothing is done when nobody is logged in', async () => {
  await refuses(world({ ...used(), isLoggedIn: false }), /not logged in: npx wrangler login/);
});

test('nothing is done when nobody can be asked and --yes is not given, or whoever is asked says no', async () => {
  for (const isThere of [false, true]) {
    const asked = world(emptyAccount());
    const terminal = { isThere, confirm: async () => false, secret: async () => '' };
    expect(await asked.deploy({ yes: false }, { terminal })).toBe(2);
    expect(writes(asked.asked)).toEqual([]);
  }
});

test('nothing is done with a secret that is too weak, or that stands in wrangler.toml', async () => {
  await refuses(world(emptyAccount()), /✘ JWT_SECRET has 5 bytes and needs 32 \(a secret/, {
    env: { ...SECRETS, JWT_SECRET: 'short' },
  });
  await refuses(world(used(), { ADMIN_SECRET: 'plain' }), /✘ ADMIN_SECRET stands in wrangler.toml/);
});

test('nothing is done with settings of another account or another bucket', async () => {
  await refuses(world(used(), { R2_ACCOUNT_ID: 'another' }), /✘ R2_ACCOUNT_ID is another, and the account is 0123/);
  const other = world(used());
  await refuses(other, /CLOUDFLARE_ACCOUNT_ID is elsewhere/, { env: { CLOUDFLARE_ACCOUNT_ID: 'elsewhere' } });
});

test('nothing is done with settings that keep objects longer than the lifecycle rules leave them', async () => {
  await refuses(
    world(used(), { JOB_RESULT_RETENTION_MS: String(60 * 86_400_000) }),
    /✘ start\/deploy\/r2-lifecycle.json deletes outputs/,
  );
});

test('nothing is done when the Worker that runs has a migration tag that wrangler.toml does not know', async () => {
  await refuses(world({ ...used(), tag: 'v7' }), /✘ the Worker that runs has the migration tag v7/);
});

test('nothing is done when another Worker consumes a queue', async () => {
  const account = used();
  account.queues['gpu-jobs'] = ['s3-old'];
  await refuses(world(account), /✘ the queue gpu-jobs is consumed by s3-old/);
});

test.for<[string, string, string]>([
  [
    'no column email',
    'CREATE TABLE users (id TEXT PRIMARY KEY, plan TEXT, credits INTEGER, device_hash TEXT, created_at INTEGER)',
    'no such column: auth_provider',
  ],
  [
    'no column updated_at',
    'CREATE TABLE rules (id TEXT PRIMARY KEY, user_id TEXT, name TEXT, preset_id TEXT, concepts_json TEXT, protect_json TEXT, created_at INTEGER)',
    'no such column: updated_at',
  ],
  ['a view of a name of ours', 'CREATE VIEW users_new AS SELECT 1 AS id', 'users_new'],
])('nothing is done on a database of an earlier service with %s, on which the migrations stop', async ([
  ,
  sql,
  stops,
]) => {
  const account = { ...used(), applied: [], schema: [{ name: 'one', sql }] };
  await refuses(
    world(account),
    new RegExp(`0002_reshape.sql stops on what the database holds: .*${stops}.*npm run adopt -- --check`),
  );
});

test('nothing is done when wrangler refuses to tell what is there', async () => {
  const account = used();
  account.failing['r2 bucket lifecycle list'] = 'Authentication error [code: 10000]';
  const blind = world(account);
  await expect(blind.deploy()).rejects.toThrow('Authentication error [code: 10000]');
  expect(writes(blind.asked)).toEqual([]);
});
