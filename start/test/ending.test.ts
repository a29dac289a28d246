/** What a command does when it is told to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { atExit, temporaryFolder } from '../ending.ts';

const ENDING = JSON.stringify(path.join(import.meta.dirname, '..', 'ending.ts'));

/** A command that says a line and then waits for ever; the signals come once it has. */
async function interrupt(code: string, ...signals: NodeJS.Signals[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints = text(child.stderr);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await once(reader, 'line');
  for (const signal of signals) child.kill(signal);
  const [status] = await once(child, 'close');
  return { status, lines, complaints: await complaints };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends in order what is open, once, and then the command with %i', async (signal, status) => {
  const code = `
    import { endInOrderWhenInterrupted, endWithCommand } from ${ENDING};
    const interrupted = endInOrderWhenInterrupted();
    endWithCommand(async () => { await new Promise((resolve) => setTimeout(resolve, 50)); console.log('ended'); });
    endWithCommand(() => Promise.reject(new Error('it does not end')));
    interrupted.addEventListener('abort', () => { throw new Error('what was under way failed'); });
    setInterval(() => {}, 1000);
    console.log('up');
    await new Promise(() => {});`;
  const ended = await interrupt(code, signal, signal);
  expect(ended).toEqual({ status, lines: ['up', 'ended'], complaints: '\nStopping …\n' });
});

test('a command that is meant to be ended by a signal says that all is well', async () => {
  const code = `
    import { endInOrderWhenInterrupted } from ${ENDING};
    endInOrderWhenInterrupted(0);
    setInterval(() => {}, 1000);
    console.log('up');`;
  expect(await interrupt(code, 'SIGINT')).toMatchObject({ status: 0 });
});

test('a temporary folder goes with the process that has it', async () => {
  const code = `
    import { endInOrderWhenInterrupted, temporaryFolder } from ${ENDING};
    endInOrderWhenInterrupted();
    setInterval(() => {}, 1000);
    console.log(temporaryFolder('s3-test-').path);`;
  const { lines } = await interrupt(code, 'SIGTERM');
  expect(lines[0]).toContain('s3-test-');
  expect(existsSync(lines[0] ?? '')).toBe(false);
});

test('one that was removed leaves nothing to be done at the exit', () => {
  const before = process.listenerCount('exit');
  const folder = temporaryFolder('s3-test-');
  const forget = atExit(() => {});
  expect(existsSync(folder.path)).toBe(true);
  folder.remove();
  forget();
  expect(existsSync(folder.path)).toBe(false);
  expect(process.listenerCount('exit')).toBe(before);
});
