/**
 * `npm run mutation [-- FILE …]`: Stryker changes server/src/domain in every way that it knows, one at a time, and the domain's own
 * tests have to notice. Its packages (proving/mutation/) are installed on first use. Ends with an error below the score in
 * proving/mutation/stryker.config.json, or with nothing changed at all. `FILE`: only these, such as server/src/domain/ledger.ts or
 * ledger.ts:76-100.
 */
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { onInterrupt } from '../../start/ending.ts';
import { hashOf, isFresh, markFresh } from '../../start/freshness.ts';
import { fromRoot, ROOT } from '../../start/paths.ts';
import { endSteps, runStep, runThrough } from '../../start/run-step.ts';

const PACKAGES = fromRoot('proving', 'mutation');
const CONFIG = path.join('proving', 'mutation', 'stryker.config.json');
/** Where the configuration has Stryker write what became of each mutant. */
const REPORT = fromRoot('.wrangler', 'mutation.json');

try {
  const files = process.argv.slice(2).map(pathOf);
  await install();
  rmSync(REPORT, { force: true });
  process.exitCode = (await stryker(files)) || tell();
} catch (error) {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** The path of a file in the domain that is named by its last part alone. With lines after it, Stryker takes no pattern. */
function pathOf(named: string): string {
  if (named.includes('/')) return named;
  const [name = '', ...lines] = named.split(':');
  const found = globSync(`server/src/domain/**/${name}`, { cwd: ROOT });
  if (found[0] === undefined) throw new Error(`there is no ${name} in server/src/domain`);
  return [found[0].replaceAll(path.sep, '/'), ...lines].join(':');
}

async function install(): Promise<void> {
  const hash = hashOf([path.join(PACKAGES, 'package-lock.json')]);
  const installed = hashOf([path.join(PACKAGES, 'node_modules', '.package-lock.json')]);
  if (isFresh('mutation', hash + installed)) return;
  console.log('Installing the packages of proving/mutation/, once …');
  const { ok, output } = await runStep('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PACKAGES });
  if (!ok) throw new Error(`the packages of proving/mutation/ could not be installed: ${output.trim()}`);
  markFresh('mutation', hash + hashOf([path.join(PACKAGES, 'node_modules', '.package-lock.json')]));
}

async function stryker(only: string[]): Promise<number> {
  const program = path.join(PACKAGES, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const mutate = only.length > 0 ? ['--mutate', only.join(',')] : [];
  const interruption = onInterrupt(endSteps);
  const code = await runThrough([program, 'run', CONFIG, ...mutate]);
  return interruption.code ?? code;
}

/** What became of the mutants, in a line. Lines without code to change are no proof: the score of nothing is above every limit. */
function tell(): number {
  const { files } = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    files: Record<string, { mutants: { status: string }[] }>;
  };
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...of: string[]): number => statuses.filter((status) => of.includes(status)).length;
  const noticed = count('Killed', 'Timeout');
  const unnoticed = count('Survived', 'NoCoverage');
  if (noticed + unnoticed === 0) throw new Error('nothing was changed: there is no code in these lines');
  console.log(`✔ ${noticed + unnoticed} mutants, ${noticed} noticed, ${unnoticed} not`);
  return 0;
}
