/** Types a command as a person does: in a shell of its own, in a folder, with nothing of ours in its environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { atExit } from '../../start/ending.ts';
import { signalGroup } from '../../start/local/process-group.ts';

export type Typing = {
  /** What it printed so far, both streams as they came. */
  output(): string;
  /** Its exit code, as a shell gives it: that of a signal for one that died of it. */
  ended: Promise<number>;
  /** As the terminal does at Ctrl-C: to everything in the foreground. */
  signal(signal: NodeJS.Signals): void;
  /** To the command alone, as `kill PID` does. */
  kill(signal: NodeJS.Signals): void;
};

/** What npm and our own launcher have put into ours. */
const OURS = /^(npm_|INIT_CWD$|NODE_OPTIONS$|NODE_ENV$|VITEST)/;

export function typeIn(folder: string, command: string, more: NodeJS.ProcessEnv, log: string): Typing {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  env.PATH = (env.PATH ?? '')
    .split(path.delimiter)
    .filter((dir) => !/node_modules[/\\]\.bin$|node-gyp-bin$/.test(dir))
    .join(path.delimiter);
  const file = openSync(log, 'w');
  const shell = spawn('sh', ['-c', `exec env ${command}`], {
    cwd: folder,
    env: { ...env, ...more },
    detached: true,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  const pid = shell.pid ?? -1;
  const forget = atExit(() => signalGroup(pid, 'SIGKILL'));
  const ended = once(shell, 'exit').then(([code, signal]) => {
    forget();
    return code ?? 128 + constants.signals[signal as NodeJS.Signals];
  });
  return {
    output: () => stripVTControlCharacters(readFileSync(log, 'utf8')),
    ended,
    signal: (signal) => signalGroup(pid, signal),
    kill: (signal) => void shell.kill(signal),
  };
}

/** Returns once a line holds `text`; throws when the command ends before. */
export async function until(typing: Typing, text: string): Promise<void> {
  let over = false;
  void typing.ended.then(() => {
    over = true;
  });
  while (!typing.output().includes(text)) {
    if (over) throw new Error(`it ended before it said "${text}"`);
    await sleep(100);
  }
}

/** Processes that work in the folder, after a moment in which those that are ending may end. */
export async function leftIn(folder: string, patienceMs: number): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = workingIn(folder);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(100);
  }
}

/** By /proc, which only Linux has: elsewhere there is nothing to be seen. */
function workingIn(folder: string): string[] {
  let pids: string[] = [];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    try {
      if (!`${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // One that has ended and was not waited for yet has no command any more.
      return command === '' ? [] : [`${pid} ${command.slice(0, 120)}`];
    } catch {
      return [];
    }
  });
}
