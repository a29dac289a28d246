/** The launcher of every npm script hands on arguments, exit codes and signals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const BOOTSTRAP = path.join(import.meta.dirname, '..', 'bootstrap.mjs');

function run(code: string, ...args: string[]) {
  const script = path.join(mkdtempSync(path.join(tmpdir(), 's3-test-')), 'script.ts');
  writeFileSync(script, code);
  const child = spawn(process.execPath, [BOOTSTRAP, script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, closed: once(child, 'close') };
}

test('a script runs as TypeScript on the Node of the project, with its arguments and without warnings', async () => {
  const { closed, output } = run(
    `const said: string[] = process.argv.slice(2);
     process.emitWarning('old', 'DeprecationWarning');
     console.log(process.version.split('.')[0], ...said);`,
    '--photos',
    'a b',
  );
  await closed;
  expect(output()).toBe('v24 --photos a b\n');
});

test('the exit code is the script’s', async () => {
  const { closed } = run('process.exit(7)');
  expect((await closed)[0]).toBe(7);
});

test('a signal reaches the script, which may still clean up', async () => {
  const { child, closed, output } = run(
    `process.on('SIGTERM', () => { console.log('cleaned up'); process.exit(3); });
     setInterval(() => {}, 1000);
     console.log('ready');`,
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect((await closed)[0]).toBe(3);
  expect(output()).toContain('cleaned up');
});
