/**
 * `npm run deploy`: the studio is built, then `wrangler deploy`, as production whatever the shell's NODE_ENV says: the Worker checks its secrets by it. Then the
 * bucket's lifecycle rules (start/deploy/r2-lifecycle.json), which replace those that it has. After the Worker, since they must not be shorter than what the
 * code that runs keeps: a release that keeps objects longer finds none yet that are old, and one that keeps them shorter is there already.
 */
import { parseArgs } from 'node:util';
import { WRANGLER } from '../paths.ts';
import { runThrough } from '../run-step.ts';
import { LIFECYCLE_FILE, lifecycleFileProblems, readDeployment } from './bucket-lifecycle.ts';
import { studioForDeploy } from './studio.ts';

const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  strict: false,
  options: { env: { type: 'string', short: 'e' }, 'dry-run': { type: 'boolean' } },
});
const environment = typeof values.env === 'string' ? values.env : undefined;

process.exitCode = await deploy();

async function deploy(): Promise<number> {
  const deployment = await readDeployment(environment);
  const problems = lifecycleFileProblems(deployment);
  for (const problem of problems) console.error(`✘ ${problem}`);
  if (problems.length > 0) return 1;
  await studioForDeploy(environment);
  const code = await wrangler('deploy', ...args);
  if (code !== 0 || values['dry-run'] === true) return code;
  const named = environment === undefined ? [] : ['--env', environment];
  const rules = ['--file', LIFECYCLE_FILE, '--force', ...named];
  const set = await wrangler('r2', 'bucket', 'lifecycle', 'set', deployment.bucket, ...rules);
  if (set !== 0)
    console.error('✘ the Worker is deployed, but the lifecycle rules of its bucket are not set: run this again');
  return set;
}

function wrangler(...given: string[]): Promise<number> {
  const { NODE_ENV: _, ...env } = process.env;
  return runThrough([WRANGLER, ...given], env);
}
