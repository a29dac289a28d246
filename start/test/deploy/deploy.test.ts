/** `npm run deploy` before an account in memory: what it asks wrangler to do, and when it does nothing at all. */
import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTarget } from '../../deploy/target.ts';
import { emptyAccount, type FakeAccount, writes } from './fake-wrangler.ts';
import { healthService, OLD_VERSION, removeFolders, SECRETS, usedAccount, type World, worldOf } from './world.ts';

let service: Awaited<ReturnType<typeof healthService>>;
beforeAll(async () => {
  service = await healthService(200, { data: { status: 'ok' } });
});
afterAll(async () => {
  await service.close();
  removeFolders();
});

const used = (environment: string | null = null) => usedAccount(environment, service.url);
const world = (account: FakeAccount, vars: Record<string, string | null> = {}) => worldOf(account, vars, service.url);
const heard = ({ said }: World) => said.join('\n');
const CORS = /^r2 bucket cors set s3-images --file \.wrangler\/s3-deploy\/cors-s3-workers\.json --force$/;
const LIFECYCLE = 'r2 bucket lifecycle set s3-images --file start/deploy/r2-lifecycle.json --force';
const MIGRATIONS = 'd1 migrations apply s3-db --remote --env=';

test('on an empty account everything is made, in an order in which each finds what it needs, and the new id is written', async () => {
  const empty = world(emptyAccount());
  expect(await empty.deploy(), heard(empty)).toBe(0);
  expect(writes(empty.asked)).toEqual([
    'd1 create s3-db',
    MIGRATIONS,
    'queues create gpu-jobs',
    'queues create gpu-jobs-dlq',
    'r2 bucket create s3-images',
    'secret bulk --env=',
    expect.stringMatching(CORS),
    'deploy --env=',
    LIFECYCLE,
  ]);
  expect(readTarget(null, empty.toml).database.id).toBe('11111111-2222-4333-8444-555555555555');
  const bulk = empty.asked.find(({ args }) => args[1] === 'bulk');
  expect(JSON.parse(bulk?.input ?? '')).toEqual(SECRETS);
});

test('on an account that has everything only the Worker is deployed', async () => {
  const full = world(used());
  const before = readFileSync(full.toml, 'utf8');
  expect(await full.deploy(), heard(full)).toBe(0);
  expect(writes(full.asked)).toEqual(['deploy --env=']);
  expect(readFileSync(full.toml, 'utf8')).toBe(before);
});

const without: [string, (account: FakeAccount) => void, (string | RegExp)[]][] = [
  [
    'the database',
    (a) => {
      a.databases = [];
      a.applied = [];
      a.schema = [];
    },
    ['d1 create s3-db', MIGRATIONS],
  ],
  [
    'a migration',
    (a) => {
      a.applied = a.applied.slice(0, -1);
      a.schema = [];
    },
    [MIGRATIONS],
  ],
  [
    'the bucket',
    (a) => {
      a.buckets = {};
    },
    ['r2 bucket create s3-images', CORS, LIFECYCLE],
  ],
  [
    'the queue of messages',
    (a) => {
      delete a.queues['gpu-jobs'];
    },
    ['queues create gpu-jobs'],
  ],
  [
    'the queue of dead letters',
    (a) => {
      delete a.queues['gpu-jobs-dlq'];
    },
    ['queues create gpu-jobs-dlq'],
  ],
  [
    'CORS rules',
    (a) => {
      a.buckets['s3-images']!.cors = '';
    },
    [CORS],
  ],
  [
    'an origin of the CORS rules',
    (a) => {
      a.buckets['s3-images']!.cors = a.buckets['s3-images']!.cors.replace(', https://app.example.com', '');
    },
    [CORS],
  ],
  [
    'lifecycle rules',
    (a) => {
      a.buckets['s3-images']!.lifecycle = '';
    },
    [LIFECYCLE],
  ],
  [
    'the days of a lifecycle rule',
    (a) => {
      a.buckets['s3-images']!.lifecycle = a.buckets['s3-images']!.lifecycle.replace('180 days', '30 days');
    },
    [LIFECYCLE],
  ],
  ...Object.keys(SECRETS).map((name): (typeof without)[number] => [
    name,
    (a) => {
      a.secrets['s3-workers'] = a.secrets['s3-workers']!.filter((one) => one !== name);
    },
    ['secret bulk --env='],
  ]),
];

test.for(without)('where %s is missing, it is made and nothing else is', async ([, take, made]) => {
  const account = used();
  take(account);
  const { deploy, asked, said } = world(account);
  expect(await deploy(), said.join('\n')).toBe(0);
  const done = writes(asked).filter((line) => line !== 'deploy --env=');
  expect(done).toEqual(made.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))));
});

test('a database of the right name gets its id into wrangler.toml, and is not made again', async () => {
  const account = used();
  account.databases = [{ uuid: 'aaaaaaaa-2222-4333-8444-555555555555', name: 's3-db' }];
  const other = world(account);
  expect(await other.deploy(), heard(other)).toBe(0);
  expect(writes(other.asked)).toEqual(['deploy --env=']);
  expect(readTarget(null, other.toml).database.id).toBe('aaaaaaaa-2222-4333-8444-555555555555');
});

test('what is known to nobody but the Worker is made at random when nobody gives it', async () => {
  const { JWT_SECRET: _, GPU_CALLBACK_SECRET: __, ...env } = SECRETS;
  const empty = world(emptyAccount());
  expect(await empty.deploy({}, { env }), heard(empty)).toBe(0);
  const { JWT_SECRET, GPU_CALLBACK_SECRET } = JSON.parse(
    empty.asked.find(({ args }) => args[1] === 'bulk')?.input ?? '',
  );
  expect(JWT_SECRET).toMatch(/^[0-9a-f]{64}$/);
  expect(GPU_CALLBACK_SECRET).toMatch(/^[0-9a-f]{64}$/);
  expect(JWT_SECRET).not.toBe(GPU_CALLBACK_SECRET);
  // Whoever rotates it needs the old value, and Cloudflare does not show it again.
  const [, file = ''] = /the values are in (\S+)\. /.exec(heard(empty)) ?? [];
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ JWT_SECRET, GPU_CALLBACK_SECRET });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(heard(empty)).not.toContain(JWT_SECRET);
});

test('a value that nobody has to give is asked for where somebody sits at the terminal', async () => {
  const empty = world(emptyAccount());
  const asked: string[] = [];
  const terminal = {
    isThere: true,
    confirm: async () => true,
    secret: async (name: string) => {
      asked.push(name);
      return `typed-${name}`;
    },
  };
  expect(await empty.deploy({ yes: false }, { env: {}, terminal }), heard(empty)).toBe(0);
  expect(asked).toEqual(['R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY', 'GPU_API_KEY']);
  expect(JSON.parse(empty.asked.find(({ args }) => args[1] === 'bulk')?.input ?? '')).toMatchObject({
    GPU_API_KEY: 'typed-GPU_API_KEY',
  });
});

test('older tables that the migrations take are named, and stop nothing', async () => {
  const account = { ...used(), applied: [], schema: [{ name: 'presets', sql: 'CREATE TABLE presets (id TEXT)' }] };
  const older = world(account);
  expect(await older.deploy(), heard(older)).toBe(0);
  expect(heard(older)).toContain('npm run adopt -- --check');
});

test('what a deployment ends without a word is told before it: settings of the dashboard, a gradual release, objects of other classes', async () => {
  const account = { ...used(), vars: ['GPU_MASKS', 'GPU_URL'], classes: [...used().classes, 'SessionDO'] };
  account.traffic['s3-workers'] = [
    { version_id: 'older', percentage: 10 },
    { version_id: OLD_VERSION, percentage: 90 },
  ];
  const told = world(account);
  expect(await told.deploy({ plan: true })).toBe(0);
  expect(heard(told)).toMatch(/gone after this: GPU_MASKS\n/);
  expect(heard(told)).toContain('2 versions share the requests now');
  expect(heard(told)).toContain('objects of the class SessionDO');
  expect(heard(told)).toContain(OLD_VERSION);
});

test('--plan prints every command and changes nothing, whatever is missing', async () => {
  for (const [name, take] of without) {
    const account = used();
    take(account);
    const planned = world(account);
    const toml = readFileSync(planned.toml, 'utf8');
    expect(await planned.deploy({ plan: true, yes: true }), heard(planned)).toBe(0);
    expect(writes(planned.asked), name).toEqual([]);
    expect(readFileSync(planned.toml, 'utf8')).toBe(toml);
    const done = world(account);
    await done.deploy();
    for (const line of writes(done.asked)) expect(heard(planned), name).toContain(`npx wrangler ${line}`);
  }
});

test('staging has names of its own throughout', async () => {
  const empty = world(emptyAccount());
  expect(await empty.deploy({ environment: 'staging' }), heard(empty)).toBe(0);
  expect(writes(empty.asked)).toEqual([
    'd1 create s3-db-staging',
    'd1 migrations apply s3-db-staging --remote --env=staging',
    'queues create gpu-jobs-staging',
    'queues create gpu-jobs-staging-dlq',
    'r2 bucket create s3-images-staging',
    'secret bulk --env=staging',
    expect.stringContaining(
      'r2 bucket cors set s3-images-staging --file .wrangler/s3-deploy/cors-s3-workers-staging.json',
    ),
    'deploy --env=staging',
    'r2 bucket lifecycle set s3-images-staging --file start/deploy/r2-lifecycle.json --force',
  ]);
  expect(readTarget('staging', empty.toml).database.id).toBe('11111111-2222-4333-8444-555555555555');
  expect(readTarget(null, empty.toml).database.id).toBe(readTarget(null).database.id);
});

test('rows on which a migration stops are told before the Worker is touched', async () => {
  const account = {
    ...used(),
    applied: [],
    failing: { 'd1 migrations apply': 'NOT NULL constraint failed: rules_new.updated_at' },
  };
  const rows = world(account);
  expect(await rows.deploy()).toBe(1);
  expect(heard(rows)).toMatch(
    /rules_new\.updated_at\nIf a row of an earlier service stops it: npm run adopt -- --check\nThe Worker is as it was/,
  );
  expect(writes(rows.asked)).toEqual([MIGRATIONS]);
});

test('what stops in the middle says where the Worker stands, and the next run goes on there', async () => {
  const account = emptyAccount();
  account.failing.deploy = 'A request to the Cloudflare API failed.';
  const first = world(account);
  expect(await first.deploy()).toBe(1);
  expect(heard(first)).toContain('The Worker is as it was.');
  expect(writes(first.asked)).not.toContain(LIFECYCLE);
  account.failing = {};
  first.asked.length = 0;
  expect(await first.deploy(), heard(first)).toBe(0);
  expect(writes(first.asked)).not.toContain('d1 create s3-db');

  const after = world({ ...used(), failing: { 'r2 bucket lifecycle set': 'no' } });
  after.account.buckets['s3-images']!.lifecycle = '';
  expect(await after.deploy()).toBe(1);
  expect(heard(after)).toContain(`npx wrangler rollback ${OLD_VERSION}`);
});

test('no value of a secret is ever in an argument or in what is said, whatever fails', async () => {
  const value = fc.stringMatching(/^[0-9A-Za-z'"$ \\]{33,60}$/).map((text) => `§${text.replaceAll(' ', '_')}§`);
  const commands = ['whoami', 'queues info', 'secret bulk', 'deploy', 'd1 create', 'd1 migrations', 'nothing'];
  const values = fc.record(Object.fromEntries(Object.keys(SECRETS).map((name) => [name, value])));
  await fc.assert(
    fc.asyncProperty(values, fc.constantFrom(...commands), fc.boolean(), async (env, failing, isPlan) => {
      const secret = world({ ...emptyAccount(), failing: { [failing]: 'it failed' } });
      // One that says back what it was given.
      const wrangler: typeof secret.wrangler = async (args, how = {}) => {
        const answer = await secret.wrangler(args, how);
        how.show?.(how.input ?? '');
        return { ...answer, stderr: `${how.input ?? ''} ${env.GPU_API_KEY} ${answer.stderr}` };
      };
      await secret.deploy({ plan: isPlan }, { env, wrangler }).catch(({ message }: Error) => secret.said.push(message));
      const words = [heard(secret), ...secret.asked.flatMap(({ args }) => args)].join('\n');
      for (const one of Object.values(env)) expect(words).not.toContain(one);
      for (const { args, input } of secret.asked) if (args[1] !== 'bulk') expect(input).toBe('');
    }),
    { numRuns: 30 },
  );
});
