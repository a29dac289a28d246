/**
 * How `npm run commands` types each command of README.md and docs/DEPLOY.md and each script of package.json: as it stands, or in a short form that takes
 * seconds. What cannot be run here says why.
 */

export type Typed = {
  /** The command of the README, or the script of package.json as `npm run NAME`, that this stands for. */
  of: string;
  /** What is typed; the README's own words when left out. */
  type?: string;
  /** What its last line has to look like. */
  last: RegExp;
  /** Exit code; 0 when left out. */
  code?: number;
  /** Once a line holds `at`, what `beside` holds is typed while it runs, and then it is ended by `signal`, as Ctrl-C or `kill` does. */
  until?: { at: string; beside?: Typed[]; signal: 'SIGINT' | 'SIGTERM' };
  /** Ports that have to be free for what the README says; when they are not, others are taken. */
  ports?: number[];
};

export type Left = { of: RegExp; why: string };

const UP = 'Ctrl-C stops everything.';
const STOPPED = /^Stopping …$/;
const SHEET = /^ {2}Contact sheet: demo-output\/index\.html$/;
const TESTS = /^\d+ passed, 0 failed$/;
const JOB: Typed = { of: 'examples/job.sh', last: /^charged 6, 4 credits left$/ };
const OWN_PHOTOS = 'npm run demo -- --photos DIR --preset seller [--rule FILE] [--expect-failed NAME]';
const OWN = 'npm run demo -- --photos examples/photos/seller --preset seller --rule examples/rules/seller.json';

/** The first minute comes first: its first command finds nothing installed. The longest come early, so that nobody waits for them. */
export const TYPED: readonly Typed[] = [
  { of: 'npm run demo', last: SHEET },
  { of: 'npm test', type: 'npm test -- server/test/domain', last: TESTS },
  // Ours ends with 0, and npm, to which Ctrl-C goes as well, with its own.
  {
    of: 'npm run dev',
    code: 130,
    last: STOPPED,
    ports: [8787, 8789],
    until: { at: UP, beside: [JOB], signal: 'SIGINT' },
  },
  { of: 'npm run load', type: 'npm run load -- --jobs 5 --photos 3', last: /^ {2}Seed \d+; log / },
  {
    of: 'npm run load -- --kill 20',
    type: 'npm run load -- --jobs 10 --photos 3 --kill 1',
    last: /^ {2}Seed \d+; log /,
  },
  {
    of: 'PORT=9000 npm run dev',
    // npm itself dies of it, and what it has started ends a moment later.
    code: 143,
    last: /./,
    ports: [9000, 9002],
    until: { at: UP, signal: 'SIGTERM' },
  },
  { of: 'GPU_WORKERS=3 npm run dev', code: 143, last: /./, ports: [8787, 8789], until: { at: UP, signal: 'SIGTERM' } },
  { of: OWN_PHOTOS, type: OWN, last: SHEET },
  {
    of: OWN_PHOTOS,
    type: `${OWN} --expect-failed apple.jpg`,
    code: 1,
    last: /^✘ 1 of 6 photos did not come out as they should\. Log: /,
  },
  { of: OWN_PHOTOS, type: `${OWN} --expect-failed pear.jpg`, code: 1, last: /there is no photo of that name$/ },
  {
    of: 'npm run adopt -- --check',
    type: 'npm run adopt -- --check --local',
    last: /^(Nothing is to do to its tables\.|\d+ users of an earlier service are in no object yet\.)$/,
  },
  { of: 'npm run deploy:check', last: /^✔ the bucket's lifecycle rules delete nothing that is needed/ },
  {
    of: 'npm run crash-points',
    type: 'npm run crash-points -- --only queue/consumer --scenarios 1',
    last: /^[1-9]\d* crash points, \d+ runs settled, 0 points not settled, \d+ s$/,
  },
  { of: 'npm run soak', type: 'npm run soak -- --runs 20', last: /^20 runs, \d+ commands \(.*\), 0 failures, \d+ s$/ },
  { of: 'npm run simulate', last: /^(\d+) of \1 limits are kept$/ },
  { of: 'npm run simulate -- --check', last: /^(\d+) of \1 limits are kept$/ },
  {
    of: 'npm run seeded-bugs',
    type: 'npm run seeded-bugs -- --only "a second settlement refunds again"',
    last: /^1 bugs, 1 caught, \d+ s$/,
  },
  {
    of: 'npm run mutation',
    type: 'npm run mutation -- ledger.ts:76-100',
    last: /^✔ [1-9]\d* mutants, [1-9]\d* noticed, \d+ not$/,
  },
  { of: 'npm run attack', type: 'npm run attack -- --short --only tokens', last: /^✔ 0 attacks succeeded, in / },
  {
    of: 'npm run weaknesses',
    type: 'npm run weaknesses -- --only "a token may come from the future"',
    last: /^✔ 0 failures, in /,
  },
  {
    of: 'npm run fuzz -- --cases 100000',
    type: 'npm run fuzz -- --cases 200',
    last: /^✔ no 500, no hang, every ledger/,
  },
  { of: 'npm run examples', type: 'npm run examples -- --only node', last: /^1 passed, 0 failed$/ },
  { of: 'npm run check', last: /^✔ types of / },
  { of: 'npm run format', last: /^Checked \d+ files in .*No fixes applied\.$/ },
  { of: 'npm run bench', type: 'npm run bench -- --smoke', last: /^dispatch of 14 photos \(queue consumer\) / },
  { of: 'npm run cost', type: 'npm run cost -- --quick --check', last: /^✔ every count is within its limit$/ },
  { of: 'npm run supply-chain', last: /^npm audit: / },
  { of: 'npm run contract-docs', last: /^all are up to date$/ },
  { of: 'npm run sdk:api', last: /./ },
  { of: 'npm run sdk:runtimes', type: 'npm run sdk:runtimes -- workerd', last: /^workerd +[1-9]\d* +0 +\d+ +/ },
  { of: 'npm run sdk:consumers', type: 'npm run sdk:consumers -- node', last: /^node +runs +.* ✔$/ },
];

/** In the middle of their work: what they have started and stored for the time being has to go with them. */
export const INTERRUPTED: readonly Typed[] = [
  { of: 'npm run demo', at: 'Running at' },
  { of: 'npm run load', at: 'users are ready' },
  { of: 'npm test', type: 'npm test -- server/test/rpc', at: 'RUN' },
  { of: 'npm run attack', at: 'attacks on the production bundle' },
  { of: 'npm run weaknesses', at: 'weaknesses, for' },
  { of: 'npm run bench', at: 'bundle and start-up' },
  { of: 'npm run seeded-bugs', at: 'known mistakes' },
  { of: 'npm run soak', at: 'Soak:' },
].map(({ at, ...typed }) => ({ ...typed, code: 130, last: /./, until: { at, signal: 'SIGINT' as const } }));

export const LEFT: readonly Left[] = [
  {
    of: /^npx wrangler |^(?:[A-Z_]+=\S+ )?npm run deploy(?: |$)|^npm run adopt(?: |$)/,
    why: 'it needs an account at Cloudflare',
  },
  { of: /^npm run (sdk:verify|test:studio)$/, why: '.ci/run runs it' },
  { of: /^npm run commands$/, why: 'it is this one' },
  { of: /^npm run release:keep$/, why: 'it is for a release, and changes the checkout' },
];

/** What nobody has said how to run, and what is run though nobody is told to type it. */
export function unknown(told: readonly string[], scripts: readonly string[]): string[] {
  const asked = new Set([...told, ...scripts]);
  const known = new Set(TYPED.flatMap(({ of, until }) => [of, ...(until?.beside ?? []).map((one) => one.of)]));
  // A script that the README tells to run with options needs no second run without them.
  const covers = (script: string) => [...known].some((of) => of === script || of.startsWith(`${script} -- `));
  const isLeft = (command: string) => LEFT.some(({ of }) => of.test(command));
  const missing = [
    ...told.filter((command) => !known.has(command)),
    ...scripts.filter((script) => !covers(script)),
  ].filter((command) => !isLeft(command));
  const stale = [...known].filter((of) => !asked.has(of));
  return [
    ...[...new Set(missing)].map((command) => `${command}: checks/commands/known.ts does not say how to run it`),
    ...stale.map((command) => `${command}: neither README.md, docs/DEPLOY.md nor package.json has it any more`),
  ];
}
