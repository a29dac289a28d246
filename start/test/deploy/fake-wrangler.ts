/**
 * A wrangler over an account in memory, which answers as wrangler 4.149.0 does: its JSON, tables and errors were recorded from wrangler itself before a stand-in for
 * Cloudflare's API (recorded.test.ts asks it again). It keeps what it is asked.
 */
import type { Answer, Wrangler } from '../../deploy/wrangler.ts';

export type FakeAccount = {
  isLoggedIn: boolean;
  accounts: { id: string; name: string }[];
  databases: { uuid: string; name: string }[];
  /** `sql` of sqlite_master by name, and the applied migrations. */
  schema: { name: string; sql: string }[];
  applied: string[];
  /** Rules by bucket, as wrangler prints them. */
  buckets: Record<string, { cors: string; lifecycle: string }>;
  /** Consumers by queue. */
  queues: Record<string, string[]>;
  /** Secrets by Worker. */
  secrets: Record<string, string[]>;
  /** Versions with their traffic by Worker. */
  traffic: Record<string, { version_id: string; percentage: number }[]>;
  tag: string | undefined;
  classes: string[];
  vars: string[];
  /** Commands that fail, by how they begin, with what they say. */
  failing: Record<string, string>;
};

export const ACCOUNT_ID = '0123456789abcdef0123456789abcdef';
export const NEW_VERSION = '7c0d2b1e-0000-4000-8000-000000000002';

export const emptyAccount = (): FakeAccount => ({
  isLoggedIn: true,
  accounts: [{ id: ACCOUNT_ID, name: 'S3' }],
  databases: [],
  schema: [],
  applied: [],
  buckets: {},
  queues: {},
  secrets: {},
  traffic: {},
  tag: undefined,
  classes: [],
  vars: [],
  failing: {},
});

export type Asked = { args: readonly string[]; input: string };
export type FakeWrangler = { wrangler: Wrangler; asked: Asked[]; account: FakeAccount };

/** What begins so only reads. */
const READS = [
  /^whoami --json$/,
  /^d1 list --json$/,
  /^d1 execute DB --remote --json --config \S+ --command SELECT /,
  /^r2 bucket (cors|lifecycle) list \S+$/,
  /^queues info \S+$/,
  /^secret list --env=\S*$/,
  /^deployments status --json --env=\S*$/,
  /^versions view \S+ --json --env=\S*$/,
];
/** What changes something, in the forms that wrangler takes: another one is refused, as wrangler refuses what it does not know. */
export const WRITES = [
  /^d1 create \S+$/,
  /^d1 migrations apply \S+ --remote --env=\S*$/,
  /^queues create \S+$/,
  /^r2 bucket create \S+$/,
  /^r2 bucket (cors|lifecycle) set \S+ --file \S+ --force$/,
  /^secret bulk --env=\S*$/,
  /^deploy --env=\S*$/,
];

/** Commands that were asked and change something. */
export const writes = (asked: readonly Asked[]): string[] =>
  asked.map(({ args }) => args.join(' ')).filter((line) => !READS.some((read) => read.test(line)));

const out = (stdout: string): Answer => ({ code: 0, stdout, stderr: '' });
const json = (value: unknown): Answer => out(`${JSON.stringify(value, null, 2)}\n`);
const refused = (message: string, stdout = ''): Answer => ({ code: 1, stdout, stderr: `✘ [ERROR] ${message}\n` });
const apiError = (path: string, message: string, stdout = ''): Answer =>
  refused(`A request to the Cloudflare API (/accounts/${ACCOUNT_ID}${path}) failed.\n\n  ${message}\n`, stdout);

export function fakeWrangler(account: FakeAccount): FakeWrangler {
  const asked: Asked[] = [];
  const wrangler: Wrangler = async (args, { input = '', show } = {}) => {
    asked.push({ args, input });
    const line = args.join(' ');
    const failing = Object.entries(account.failing).find(([start]) => line.startsWith(start));
    const isTaken = [...READS, ...WRITES].some((form) => form.test(line));
    if (!isTaken) return refused(`Unknown arguments: ${line}`);
    const answer = failing === undefined ? answerTo(args, input, account) : refused(failing[1]);
    show?.(`${answer.stdout}${answer.stderr}`);
    return answer;
  };
  return { wrangler, asked, account };
}

/** The environment's Worker, as wrangler.toml names it. */
const workerOf = (args: readonly string[]): string =>
  args.includes('--env=staging') ? 's3-workers-staging' : 's3-workers';

function answerTo(args: readonly string[], input: string, account: FakeAccount): Answer {
  const [first = '', second = '', third = ''] = args;
  const name = args[first === 'r2' && third !== 'create' ? 4 : first === 'r2' ? 3 : 2] ?? '';
  const asked: Question = { args, input, account, worker: workerOf(args), name };
  if (first === 'deploy') return deployed(asked);
  const key =
    first === 'r2' ? [first, third, third === 'create' ? '' : args[3]].join(' ').trim() : `${first} ${second}`;
  return ANSWERS[key]?.(asked) ?? refused(`Unknown command: ${key}`);
}

type Question = { args: readonly string[]; input: string; account: FakeAccount; worker: string; name: string };

/** By the command: the first two words, and of `r2 bucket` what follows. `name` is what it is about. */
const ANSWERS: Record<string, (asked: Question) => Answer> = {
  'whoami --json': ({ account: { isLoggedIn, accounts } }) =>
    isLoggedIn
      ? json({ loggedIn: true, authType: 'User API Token', email: 'owner@example.com', accounts })
      : { code: 1, stdout: '\n{"loggedIn":false}\n', stderr: '' },
  'd1 list': ({ account: { databases } }) =>
    json(databases.map((one) => ({ ...one, version: 'production', num_tables: null, file_size: null }))),
  'd1 execute': ({ args, account }) =>
    json([{ results: rowsOf(args.at(-1) ?? '', account), success: true, meta: { rows_written: 0 } }]),
  'd1 create': ({ account, name }) => {
    account.databases.push({ uuid: '11111111-2222-4333-8444-555555555555', name });
    return out(`✅ Successfully created DB '${name}' in region WEUR\nCreated your new D1 database.\n`);
  },
  'd1 migrations': () => out('🌀 Executing on remote database\n'),
  'r2 lifecycle list': ({ account, name }) => rulesOf('lifecycle', name, account),
  'r2 cors list': ({ account, name }) => rulesOf('cors', name, account),
  'r2 lifecycle set': ({ name }) => out(`Setting lifecycle configuration (5 rules) for bucket '${name}'...\n`),
  'r2 cors set': ({ name }) => out(`Setting CORS configuration (1 rules) for bucket '${name}'...\n`),
  'r2 create': ({ account, name }) => {
    account.buckets[name] = { cors: '', lifecycle: '' };
    return out(`Creating bucket '${name}'...\n✅ Created bucket '${name}' with default storage class of Standard.\n`);
  },
  'queues info': ({ account, name }) => queueInfo(name, account),
  'queues create': ({ account, name }) => {
    account.queues[name] = [];
    return out(`🌀 Creating queue '${name}'\n✅ Created queue '${name}'\n`);
  },
  'secret list': ({ account, worker }) => {
    const names = account.secrets[worker];
    if (names !== undefined) return json(names.map((one) => ({ name: one, type: 'secret_text' })));
    const advice = 'If this is a new Worker, run `wrangler deploy` first to create it.';
    return refused(`Worker "${worker}" not found.\n\n  ${advice}\n`);
  },
  'secret bulk': ({ account, worker, input }) => {
    const names = Object.keys(JSON.parse(input));
    account.secrets[worker] = [...(account.secrets[worker] ?? []), ...names];
    return out(names.map((one) => `✨ Successfully created secret for key: ${one}\n`).join(''));
  },
  'deployments status': ({ account, worker }) => statusOf(worker, account),
  'versions view': ({ account, name }) => json(versionOf(name, account)),
};

function deployed({ account, worker }: Question): Answer {
  account.traffic[worker] = [{ version_id: NEW_VERSION, percentage: 100 }];
  return out(`Uploaded ${worker} (4.20 sec)\nCurrent Version ID: ${NEW_VERSION}\n`);
}

const rowsOf = (sql: string, { schema, applied }: FakeAccount): unknown[] =>
  sql.includes('d1_migrations ORDER') ? applied.map((name) => ({ name })) : schema;

function rulesOf(kind: 'cors' | 'lifecycle', bucket: string, { buckets }: FakeAccount): Answer {
  const intro = `Listing ${kind === 'cors' ? 'CORS' : 'lifecycle'} rules for bucket '${bucket}'...\n`;
  const rules = buckets[bucket];
  const path = `/r2/buckets/${bucket}/${kind}`;
  if (rules === undefined) return apiError(path, 'The specified bucket does not exist. [code: 10006]', intro);
  if (rules[kind] !== '') return out(`${intro}${rules[kind]}\n`);
  if (kind === 'cors') return apiError(path, 'The CORS configuration does not exist. [code: 10059]', intro);
  return out(`${intro}There are no lifecycle rules for bucket '${bucket}'.\n`);
}

function queueInfo(name: string, { queues }: FakeAccount): Answer {
  const consumers = queues[name];
  if (consumers === undefined) {
    return refused(`Queue "${name}" does not exist. To create it, run: wrangler queues create ${name}`);
  }
  const lines = [
    `Queue Name: ${name}`,
    'Queue ID: q1',
    'Created On: 2026-01-02T03:04:05.000Z',
    'Last Modified: 2026-01-02T03:04:05.000Z',
    'Number of Producers: 0',
    `Number of Consumers: ${consumers.length}`,
  ];
  if (consumers.length > 0) lines.push(`Consumers: ${consumers.map((one) => `worker:${one}`).toString()}`);
  return out(`${lines.join('\n')}\n`);
}

function statusOf(worker: string, { secrets, traffic }: FakeAccount): Answer {
  const versions = traffic[worker];
  if (versions !== undefined) {
    return json({
      id: 'd1',
      source: 'wrangler',
      strategy: 'percentage',
      author_email: 'owner@example.com',
      created_on: '2026-02-02T03:04:05.000Z',
      annotations: { 'workers/triggered_by': 'deployment' },
      versions,
    });
  }
  if (secrets[worker] !== undefined) return refused(`The Worker ${worker} has no deployments.`);
  return apiError(
    `/workers/scripts/${worker}/deployments`,
    'This Worker does not exist on your account. [code: 10007]',
  );
}

const versionOf = (id: string, { tag, classes, vars }: FakeAccount): unknown => ({
  id,
  number: 3,
  metadata: { created_on: '2026-02-02T03:04:05.000Z', source: 'wrangler', author_email: 'owner@example.com' },
  annotations: { 'workers/triggered_by': 'upload' },
  resources: {
    bindings: [
      ...classes.map((class_name, n) => ({
        type: 'durable_object_namespace',
        name: class_name,
        class_name,
        namespace_id: `namespace-${n}`,
      })),
      ...vars.map((name) => ({ type: 'plain_text', name, text: 'x' })),
      { type: 'secret_text', name: 'JWT_SECRET' },
    ],
    script: { etag: 'e', handlers: ['fetch'], last_deployed_from: 'wrangler' },
    script_runtime: {
      compatibility_date: '2026-10-01',
      ...(tag === undefined ? {} : { migration_tag: tag }),
      usage_model: 'standard',
    },
  },
});
