/**
 * `npm run sdk:consumers`: the packed client where it must resolve and run, each in a temporary folder, from a package.json and a lock file
 * of its own; what npm installs is kept by the hash of the lock file. `npm run sdk:consumers -- next jest` runs these only. What they prove:
 *
 * - `node`: every entry without peers by `import` and by `require`; `jest`: the CommonJS build in Jest's own resolution
 * - `webpack`: both ways in one bundle; `metro`: a bundle for a phone, loaded without what a browser has
 * - `typescript`: the types in 5.4, 5.9 and 7, in each resolution that these have; `./trpc` in 5.9 and 7
 * - `next`: built and started, nobody is signed up on the server, nothing is taken from a cache, `redirect()` passes through
 *
 * What an app does with it is shown by examples/apps (`npm run examples`), against the whole system: React by Vite, Vue, Next and Node in use,
 * React Native as a bundle.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashOf } from '../../../start/freshness.ts';
import { fromRoot, GENERATED } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import { packClient } from '../package/pack.ts';
import { type Row, table } from '../package/table.ts';

const HERE = fromRoot('client-sdk', 'checks', 'consumers');
const KEPT = path.join(GENERATED, 'sdk-consumers');

const wanted = process.argv.slice(2);
const names = readdirSync(HERE).filter((name) => existsSync(path.join(HERE, name, 'package.json')));
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: none of ${names.join(', ')}`);

const folder = mkdtempSync(path.join(tmpdir(), 'sdk-consumers-'));
const rows: Row[] = [];
try {
  const { tarball } = await packClient(folder);
  for (const name of wanted.length > 0 ? wanted : names) {
    console.log(`… ${name}`);
    rows.push(await consume(name, tarball));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${table(rows)}`);
for (const { what, ok, detail } of rows) if (!ok) console.log(`\n${what}\n${detail}`);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;

async function consume(name: string, tarball: string): Promise<Row> {
  const cwd = path.join(folder, name);
  cpSync(path.join(HERE, name), cwd, { recursive: true });
  const began = performance.now();
  const problem = (await install(cwd)) ?? (await check(cwd, tarball));
  const value = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  return { what: name, limit: 'runs', value, ok: problem === null, ...(problem !== null && { detail: problem }) };
}

/** Null, or what went wrong. */
async function install(cwd: string): Promise<string | null> {
  const lock = path.join(cwd, 'package-lock.json');
  const modules = path.join(cwd, 'node_modules');
  if (!existsSync(lock)) {
    mkdirSync(modules);
    return null;
  }
  const kept = path.join(KEPT, hashOf([lock]).slice(0, 16));
  if (!existsSync(kept)) {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { ok, output } = await runStep('npm', args, { cwd });
    if (!ok) return output.trim();
    mkdirSync(KEPT, { recursive: true });
    // Under its name only once it is whole.
    cpSync(modules, `${kept}.part`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${kept}.part`, kept);
    return null;
  }
  cpSync(kept, modules, { recursive: true, verbatimSymlinks: true });
  return null;
}

/** With the package as `npm install` leaves it, which no lock file could name beforehand. */
async function check(cwd: string, tarball: string): Promise<string | null> {
  const own = path.join(cwd, 'node_modules', '@s3-workers', 'client-sdk');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', own]);
  writeFileSync(path.join(cwd, '.npmrc'), 'update-notifier=false\n');
  const { ok, output } = await runStep('npm', ['run', '--silent', 'check'], { cwd });
  return ok ? null : output.trim();
}
