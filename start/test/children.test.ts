/** What a stack starts ends with it, and with its owner. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Children } from '../local/children.ts';

/** A program that starts another, says both process ids, and ignores SIGTERM when asked to. */
function stubbornProgram(): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 's3-test-')), 'program.mjs');
  const code = `
    import { spawn } from 'node:child_process';
    if (process.argv[2] === 'stubborn') process.on('SIGTERM', () => {});
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    console.log(process.pid + ' ' + child.pid);
    setInterval(() => {}, 1000);`;
  writeFileSync(file, code);
  return file;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function allGone(pids: number[]): Promise<boolean> {
  for (let i = 0; i < 100 && pids.some(alive); i++) await sleep(50);
  return !pids.some(alive);
}

function startFamily(children: Children, ...args: string[]): Promise<number[]> {
  const child = children.start('test', process.execPath, [stubbornProgram(), ...args], process.env);
  return new Promise((resolve) => child.onLine((line) => resolve(line.split(' ').map(Number))));
}

test.each(['stop', 'kill'] as const)('%s ends a child together with what the child started', async (how) => {
  const children = new Children({});
  const pids = await startFamily(children);
  expect(pids.every(alive)).toBe(true);
  await children[how]();
  expect(await allGone(pids)).toBe(true);
});

test('a child that ignores SIGTERM is ended all the same', async () => {
  const children = new Children({ grace: 300 });
  const pids = await startFamily(children, 'stubborn');
  await children.stop();
  expect(await allGone(pids)).toBe(true);
});

test('children end when their owner is killed with SIGKILL', async () => {
  const module = path.join(import.meta.dirname, '..', 'local', 'children.ts');
  const code = `
    import { Children } from ${JSON.stringify(module)};
    const children = new Children({ onLine: (source, line) => console.log(line) });
    children.start('test', process.execPath, [${JSON.stringify(stubbornProgram())}], process.env);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: owner.stdout }), 'line');
  const pids = String(line).split(' ').map(Number);
  owner.kill('SIGKILL');
  expect(await allGone(pids)).toBe(true);
});

test('the log keeps the last lines without colours', async () => {
  const children = new Children({});
  const child = children.start('paint', process.execPath, ['-e', 'console.log("\\x1b[31mred\\x1b[0m")'], process.env);
  await child.exited;
  await sleep(50);
  expect(children.tail()).toBe('[paint] red');
  await children.stop();
});

test.each(['stop', 'kill'])('a program with nothing left but its children ends with 0 after %s', async (how) => {
  const module = path.join(import.meta.dirname, '..', 'local', 'children.ts');
  const code = `
    import { Children } from ${JSON.stringify(module)};
    const children = new Children({});
    children.start('test', process.execPath, ['-e', 'setInterval(() => {}, 1000)'], process.env);
    await children.${how}();
    console.log('over');`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, complaints] = [text(owner.stdout), text(owner.stderr)];
  expect(await once(owner, 'close')).toEqual([0, null]);
  expect(await printed).toBe('over\n');
  expect(await complaints).not.toContain('unsettled');
});
