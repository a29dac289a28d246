/** Mistakes in `npm run deploy`: what it lets out, what it lets pass, and what it changes that it should not. */
import type { Bug } from '../bug.ts';

const [DEPLOY, REFUSALS, PROOF, TARGET, PROGRAM] = ['deploy', 'refusals', 'proof', 'target', 'program'].map(
  (name) => `start/test/deploy/${name}.test.ts`,
) as [string, string, string, string, string];

export const DEPLOYMENTS: Bug[] = [
  {
    name: 'secrets go to wrangler as an argument',
    file: 'start/deploy/deploy.ts',
    find: 'wrangler(step.args, { input: JSON.stringify(values), show })',
    replace: 'wrangler([...step.args, JSON.stringify(values)], { input: JSON.stringify(values), show })',
    tests: [DEPLOY],
  },
  {
    name: 'wrangler has the secrets in its environment',
    file: 'start/deploy/wrangler.ts',
    find: ", 'CLOUDFLARE_ENV', ...SECRET_NAMES]",
    replace: ", 'CLOUDFLARE_ENV']",
    tests: [PROGRAM],
  },
  {
    name: 'what wrangler says back of a secret is shown',
    file: 'start/deploy/deploy.ts',
    find: 'around.say(withoutValues(text, secret))',
    replace: 'around.say(text)',
    tests: [DEPLOY],
  },
  {
    name: 'a plan is carried out',
    file: 'start/deploy/deploy.ts',
    find: '  if (isPlanOnly) return 0;\n',
    replace: '',
    tests: [DEPLOY],
  },
  {
    name: 'a deployment goes out over what is wrong',
    file: 'start/deploy/deploy.ts',
    find: '  if (plan.problems.length > 0) return 1;\n',
    replace: '',
    tests: [REFUSALS],
  },
  {
    name: 'lifecycle rules are set before the Worker that goes with them',
    file: 'start/deploy/plan.ts',
    find: '    after: isSame',
    replace: '    before: isSame',
    tests: [DEPLOY],
  },
  {
    name: 'staging deploys over production',
    file: 'start/deploy/plan.ts',
    find: "args: ['deploy', envArgument(target)]",
    replace: "args: ['deploy']",
    tests: [DEPLOY],
  },
  {
    name: 'rules of the bucket are compared by how many they are',
    file: 'start/deploy/bucket-rules.ts',
    find: 'return said(some) === said(others);',
    replace: 'return said(some).split("\\n").length === said(others).split("\\n").length;',
    tests: [DEPLOY],
  },
  {
    name: 'the id of a new database of staging goes to production',
    file: 'start/deploy/target.ts',
    find: "environment === null ? '[[d1_databases]]' : `[[env.${environment}.d1_databases]]`",
    replace: "'[[d1_databases]]'",
    tests: [TARGET],
  },
  {
    name: 'migrations are not tried on what the database holds',
    file: 'start/deploy/schema.ts',
    find: 'return `${name} stops on what the database holds',
    replace: 'if (name === "") return `${name} stops on what the database holds',
    tests: [REFUSALS],
  },
  {
    name: 'the version of before passes for the new one',
    file: 'start/deploy/proof.ts',
    find: 'if (first.version === before)',
    replace: 'if (first.version === baseUrl)',
    tests: [PROOF],
  },
  {
    name: 'a photo that came back as it went passes for a result',
    file: 'start/deploy/canary.ts',
    find: 'return share >= PER_CENT',
    replace: 'return share >= 0',
    tests: [PROOF],
  },
  {
    name: 'a way back is told over a migration of the objects',
    file: 'start/deploy/words.ts',
    find: 'if (worker?.running && isBehind(worker.running, target))',
    replace: 'if (worker?.running && target.tags.length === 0)',
    tests: [PROOF],
  },
  {
    name: 'staging lacks what it does not inherit',
    file: 'wrangler.toml',
    find: 'queue = "gpu-jobs-staging-dlq"\nmax_batch_size = 10\nmax_batch_timeout = 1\nmax_retries = 10\n',
    replace: 'queue = "gpu-jobs-staging-dlq"\nmax_batch_size = 10\n',
    tests: [TARGET],
  },
];
