// Runs SCRIPT on the project's own Node (node_modules/.bin/node), installing the packages first when they are missing or out of date:
//
//   node start/bootstrap.mjs SCRIPT [ARGS…]
//
// Plain JavaScript without dependencies, because it is what runs before anything is installed, on any Node from 20 on.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const MODULES = path.join(ROOT, 'node_modules');
const BIN = path.join(MODULES, '.bin');
const WINDOWS = process.platform === 'win32';
const NODE = path.join(MODULES, 'node', 'bin', WINDOWS ? 'node.exe' : 'node');
const STAMP = path.join(MODULES, '.s3-installed');
/** Outside node_modules, which `npm ci` deletes first. */
const LOCK = path.join(ROOT, '.wrangler', 'install.lock');
const MIN_NODE = 20;

main().catch((error) => fail(error instanceof Error ? error.message : String(error)));

async function main() {
  if (Number(process.versions.node.split('.')[0]) < MIN_NODE) {
    return fail(
      `this project needs Node ${MIN_NODE} or newer to start, and this is Node ${process.versions.node} (${process.execPath}).`,
    );
  }
  const [script, ...args] = process.argv.slice(2);
  if (!script) return fail('usage: node start/bootstrap.mjs SCRIPT [ARGS…]');
  if (!installed()) await underLock(install);
  run(path.resolve(ROOT, script), args);
}

/** The stamp names the lock file that node_modules was made from, and the machine: a folder mounted elsewhere has the wrong binaries. */
function wanted() {
  const lock = readFileSync(path.join(ROOT, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`;
}

function installed() {
  if (!existsSync(NODE)) return false;
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8') === wanted();
  if (!installedByHand()) return false;
  writeFileSync(STAMP, wanted());
  return true;
}

/** Whether somebody's own `npm install` has already put there what the lock file asks for, by npm's record of what it installed. */
function installedByHand() {
  const record = path.join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const have = JSON.parse(readFileSync(record, 'utf8')).packages;
  const want = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(([name, entry]) => {
    if (!name.includes('node_modules/')) return true;
    return have[name] ? have[name].version === entry.version : entry.optional === true;
  });
}

async function install() {
  if (installed()) return;
  const done = progress('Installing packages (npm ci, about half a minute)');
  const { code, output } = await npmCi();
  if (code !== 0) {
    done('failed');
    // Its errors come first; its whole usage may follow.
    fail(`npm ci ended with ${code}:\n${output.trim().split('\n').slice(0, 20).join('\n')}`);
  }
  if (!existsSync(NODE)) {
    done('failed');
    fail(
      `${path.relative(ROOT, NODE)} is missing after npm ci. Its install script did not run: is ignore-scripts set (npm config get ignore-scripts)?`,
    );
  }
  writeFileSync(STAMP, wanted());
  done('done');
}

/** npm as the system has it, off node_modules/.bin: what it is about to delete must not be what runs it. */
function npmCi() {
  const env = { ...process.env };
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[key] = (env[key] ?? '')
    .split(path.delimiter)
    .filter((dir) => path.resolve(dir) !== BIN)
    .join(path.delimiter);
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--progress=false'];
  return new Promise((resolve) => {
    const child = spawn('npm', flags, { cwd: ROOT, env, shell: WINDOWS, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** One line: with the seconds running on a terminal, without them elsewhere. */
function progress(text) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const live = process.stderr.isTTY === true;
  process.stderr.write(`${text} …`);
  const timer = live ? setInterval(() => process.stderr.write(`\r${text} … ${seconds()}`), 1000) : undefined;
  return (word) => {
    clearInterval(timer);
    process.stderr.write(live ? `\r${text} … ${word} in ${seconds()}\n` : ` ${word} in ${seconds()}\n`);
  };
}

/** Lets one process install at a time; the others wait and then find it done. A lock whose owner is dead is taken over. */
async function underLock(work) {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      dropStaleLock();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  const unlock = () => rmSync(LOCK, { force: true });
  process.once('exit', unlock);
  const stop = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work();
  } finally {
    unlock();
    process.off('exit', unlock).off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function dropStaleLock() {
  try {
    const owner = Number(readFileSync(LOCK, 'utf8'));
    const fresh = Date.now() - statSync(LOCK).mtimeMs < 2000;
    if (owner ? alive(owner) : fresh) return;
    // Renaming is atomic, so of several that wait only one removes it.
    const mine = `${LOCK}.${process.pid}`;
    renameSync(LOCK, mine);
    rmSync(mine);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function run(script, args) {
  const quiet = '--disable-warning=ExperimentalWarning --disable-warning=DeprecationWarning';
  const env = { ...process.env };
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[key] = `${BIN}${path.delimiter}${env[key] ?? ''}`;
  // For the Node processes that the script starts in its turn.
  env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} ${quiet}`.trim();
  const child = spawn(NODE, [script, ...args], { stdio: 'inherit', env });
  const signals = WINDOWS ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event && !WINDOWS) endWithParent(child);
  child.on('error', (error) => fail(`${NODE} did not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** `npm run` passes a signal on to a shell, which may die of it without passing it on to us. That shell is our parent. */
function endWithParent(child) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 250);
}

function fail(message) {
  process.stderr.write(`\n✘ ${message}\n`);
  process.exit(1);
}
