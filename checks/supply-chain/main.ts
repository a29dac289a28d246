/**
 * `npm run supply-chain`: licences, checksums, pinned versions and install scripts of everything that comes from others, and `npm audit`
 * where it can be reached. `--offline` leaves the audit out (as `npm run check` does), `--write` writes docs/LICENSES.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fromRoot } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';
import { columns } from '../../start/table.ts';
import { type Lock, licenseList, type Manifest, manifestProblems, packagesOf, problemsOf } from './inspect.ts';

const LOCKS = ['package-lock.json'];
const MANIFESTS = [
  'package.json',
  'server/package.json',
  'client-sdk/package.json',
  'examples/gpu-worker/package.json',
  'studio/package.json',
  'proving/suites/trpc-clients/11.0.0/package.json',
  'proving/suites/trpc-clients/11.10.0/package.json',
];
const LIST = fromRoot('docs', 'LICENSES.md');

const json = (file: string): unknown => JSON.parse(readFileSync(fromRoot(file), 'utf8'));
const packages = LOCKS.flatMap((file) => packagesOf(json(file) as Lock));
const problems = [
  ...problemsOf(packages),
  ...MANIFESTS.flatMap((file) => manifestProblems(file, json(file) as Manifest)),
];

const list = licenseList(packages);
if (process.argv.includes('--write')) writeFileSync(LIST, list);
else if (!existsSync(LIST) || readFileSync(LIST, 'utf8') !== list) {
  problems.push('docs/LICENSES.md is not up to date: npm run supply-chain -- --write');
}

const counts = [
  ['packages', new Set(packages.map(({ name }) => name)).size],
  ['licences', new Set(packages.map(({ license }) => license)).size],
  ['with install scripts', new Set(packages.filter((one) => one.installScript).map(({ name }) => name)).size],
] as const;
console.log(
  columns(
    counts.map(([what, count]) => [what, String(count)]),
    [-24, 6],
    { gap: '' },
  ),
);
for (const problem of new Set(problems)) console.log(`✘ ${problem}`);

let vulnerable = false;
if (!process.argv.includes('--offline')) vulnerable = await audit();
process.exitCode = problems.length > 0 || vulnerable ? 1 : 0;

/** Whether something of weight is known against a package. A registry that cannot be asked is named, and is no failure. */
async function audit(): Promise<boolean> {
  const { output } = await runStep('npm', ['audit', '--audit-level=high', '--json']);
  const found = /\{[\s\S]*\}/.exec(output)?.[0] ?? '{}';
  const report = JSON.parse(found) as { metadata?: { vulnerabilities?: Record<string, number> } };
  const levels = report.metadata?.vulnerabilities;
  if (levels === undefined) {
    console.log('npm audit: the registry cannot be asked from here, so nothing was looked up');
    return false;
  }
  const weighty = (levels.high ?? 0) + (levels.critical ?? 0);
  console.log(`npm audit: ${levels.total ?? 0} known, ${weighty} of them high or critical`);
  return weighty > 0;
}
