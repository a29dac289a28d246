/** wrangler itself, before a stand-in for Cloudflare's API: what is read of its answers is what is read of the fake's. */
import { createServer } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { corsRules, lifecycleRules } from '../../deploy/bucket-rules.ts';
import { lookAround } from '../../deploy/look.ts';
import { readTarget } from '../../deploy/target.ts';
import { type Wrangler, wranglerOf } from '../../deploy/wrangler.ts';
import { temporaryFolder } from '../../ending.ts';
import { ACCOUNT_ID, emptyAccount, type FakeAccount, fakeWrangler, WRITES } from './fake-wrangler.ts';
import { OLD_VERSION, usedAccount, VARS } from './world.ts';

type Reply = { result: unknown } | { code: number; message: string };

const home = temporaryFolder('s3-deploy-home-');
afterAll(() => home.remove());
const target = readTarget(null);
const WHEN = '2026-01-02T03:04:05.000Z';

/** What the API answers for the account, by the path below it; requests that change something are told by `changed`. */
function replyTo(url: URL, body: string, account: FakeAccount): Reply {
  const path = url.pathname.replace(`/accounts/${ACCOUNT_ID}`, '');
  const script = `/workers/scripts/${target.worker}`;
  const isUsed = account.databases.length > 0;
  const absent = (code: number, message: string): Reply => ({ code, message });
  const noWorker = absent(10007, 'This Worker does not exist on your account.');
  const noBucket = absent(10006, 'The specified bucket does not exist.');
  if (path.startsWith('/user')) return { result: { id: 'u', status: 'active', email: 'owner@example.com' } };
  if (path === '/memberships') return { result: [{ account: account.accounts[0] }] };
  if (path === '/accounts') return { result: account.accounts };
  if (path === '/d1/database')
    return { result: account.databases.map((one) => ({ ...one, created_at: WHEN, num_tables: null })) };
  if (path.endsWith('/query')) {
    const results = body.includes('ORDER BY id') ? account.applied.map((name) => ({ name })) : account.schema;
    return { result: [{ results, success: true, meta: { rows_written: 0 } }] };
  }
  if (path.startsWith('/d1/database/')) return { result: account.databases[0] };
  if (path.endsWith('/cors'))
    return isUsed ? { result: corsRules({ ...VARS, PUBLIC_BASE_URL: 'https://api.example.com' }) } : noBucket;
  if (path.endsWith('/lifecycle')) return isUsed ? { result: { rules: lifecycleRules() } } : noBucket;
  if (path === '/queues') return { result: queuesNamed(url.searchParams.get('name') ?? '', account) };
  if (!isUsed) return noWorker;
  if (path === `${script}/secrets`)
    return { result: (account.secrets[target.worker] ?? []).map((name) => ({ name, type: 'secret_text' })) };
  if (path === `${script}/deployments`) {
    return {
      result: {
        deployments: [
          {
            id: 'd1',
            source: 'wrangler',
            strategy: 'percentage',
            created_on: WHEN,
            versions: account.traffic[target.worker],
          },
        ],
      },
    };
  }
  if (path === `${script}/versions/${OLD_VERSION}`) {
    const bindings = account.classes.map((class_name, n) => ({
      type: 'durable_object_namespace',
      name: class_name,
      class_name,
      namespace_id: `namespace-${n}`,
    }));
    return {
      result: {
        id: OLD_VERSION,
        metadata: { created_on: WHEN },
        resources: { bindings, script_runtime: { migration_tag: account.tag } },
      },
    };
  }
  return absent(7003, `no route ${path}`);
}

const queuesNamed = (name: string, { queues }: FakeAccount): unknown[] =>
  Object.entries(queues)
    .filter(([queue]) => queue === name)
    .map(([queue_name, consumers]) => ({
      queue_id: 'q1',
      queue_name,
      created_on: WHEN,
      modified_on: WHEN,
      producers: [],
      producers_total_count: 0,
      consumers: consumers.map((script) => ({ type: 'worker', script })),
      consumers_total_count: consumers.length,
    }));

/** What a request that changes something is answered: as much as wrangler reads of it. */
const changed = (path: string): Reply => ({
  result: path.endsWith('/query')
    ? [{ results: [], success: true, meta: { duration: 0, rows_read: 0, rows_written: 0 } }]
    : { uuid: 'made', name: target.database.name, queue_id: 'made', queue_name: 'made' },
});

/** What comes of `work` through wrangler itself, and the requests that were no GETs. */
async function throughWrangler<T>(account: FakeAccount, work: (wrangler: Wrangler) => Promise<T>) {
  const posts: string[] = [];
  const api = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.method !== 'GET') posts.push(`${request.method} ${request.url?.split(ACCOUNT_ID)[1]} ${body}`);
    const url = new URL(request.url ?? '/', 'http://api.test');
    const isRead = request.method === 'GET' || body.includes('"SELECT');
    const reply = isRead ? replyTo(url, body, account) : changed(url.pathname);
    const isFound = 'result' in reply;
    response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' });
    const result_info = { page: 1, per_page: 20, count: 1, total_count: 1 };
    const answer = {
      success: isFound,
      messages: [],
      result_info,
      errors: isFound ? [] : [reply],
      result: isFound ? reply.result : null,
    };
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const address = api.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const wrangler = wranglerOf({
    PATH: process.env.PATH ?? '',
    HOME: home.path,
    XDG_CONFIG_HOME: home.path,
    WRANGLER_LOG_PATH: home.path,
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
    ...(account.isLoggedIn ? { CLOUDFLARE_API_TOKEN: 'token-for-tests-only', CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID } : {}),
  });
  try {
    return { found: await work(wrangler), posts };
  } finally {
    await new Promise((resolve) => api.close(resolve));
  }
}

test.for<[string, FakeAccount]>([
  ['nobody logged in', { ...emptyAccount(), isLoggedIn: false }],
  ['an empty account', emptyAccount()],
  ['a used account', usedAccount()],
])('%s looks through wrangler as it does through the fake, and nothing is changed by looking', {
  timeout: 180_000,
}, async ([, account]) => {
  const { found, posts } = await throughWrangler(account, (wrangler) => lookAround(target, wrangler));
  expect(found).toEqual(await lookAround(target, fakeWrangler(account).wrangler));
  for (const post of posts) expect(post).toMatch(/^POST \S+\/query \{"sql":"SELECT /);
});

test('wrangler takes every command that changes something as it is given, and does with it what its name says', {
  timeout: 180_000,
}, async () => {
  const rules = 'start/deploy/r2-lifecycle.json';
  const commands: [string, string][] = [
    ['d1 create s3-db', 'POST /d1/database {"name":"s3-db"}'],
    ['queues create gpu-jobs', 'POST /queues {"queue_name":"gpu-jobs"}'],
    ['r2 bucket create s3-images', 'POST /r2/buckets {"name":"s3-images"}'],
    [`r2 bucket lifecycle set s3-images --file ${rules} --force`, 'PUT /r2/buckets/s3-images/lifecycle {"rules":'],
    [
      'r2 bucket cors set s3-images --file start/deploy/r2-cors.json --force',
      'PUT /r2/buckets/s3-images/cors {"rules":',
    ],
    ['secret bulk --env=staging', 'PATCH /workers/scripts/s3-workers-staging/secrets-bulk {"secrets":{"JWT_SECRET"'],
    [
      'd1 migrations apply s3-db --remote --env=',
      `POST /d1/database/${target.database.id}/query {"sql":"-- The original`,
    ],
  ];
  const { found, posts } = await throughWrangler({ ...usedAccount(), applied: [] }, (wrangler) =>
    Promise.all(commands.map(([line]) => wrangler(line.split(' '), { input: '{"JWT_SECRET":"for-tests-only"}' }))),
  );
  for (const [n, [line, request]] of commands.entries()) {
    expect(
      WRITES.some((form) => form.test(line)),
      line,
    ).toBe(true);
    expect(found[n]?.code, `${line}: ${found[n]?.stderr}`).toBe(0);
    expect(
      posts.some((post) => post.startsWith(request)),
      `${request}\n${posts.join('\n')}`,
    ).toBe(true);
  }
});
