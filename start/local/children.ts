/** The child processes of one stack: started in groups of their own, logged line by line, and ended together, whatever ends their owner. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../paths.ts';
import { groupAlive, signalGroup } from './process-group.ts';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };
export type Child = {
  pid: number;
  /** Resolves when it has ended; never rejects. */
  exited: Promise<Exit>;
  /** Asks it to end. */
  end(): void;
  /** Calls back for each line it prints from now on. */
  onLine(listener: (line: string) => void): void;
};
export type OnLine = (source: string, line: string) => void;

/** How long a child may take to end by itself, in milliseconds, unless said otherwise. */
const GRACE = 5000;
/** How many of the last lines are kept for error messages. */
const TAIL = 60;

export class Children {
  readonly #watchdog: ChildProcess;
  readonly #running = new Map<number, Child>();
  readonly #started: number[] = [];
  readonly #tail: string[] = [];
  readonly #log: (source: string, line: string) => void;
  readonly #grace: number;
  #ending = false;

  constructor(options: { logFile?: string | undefined; onLine?: OnLine | undefined; grace?: number | undefined }) {
    this.#grace = options.grace ?? GRACE;
    const file = options.logFile ? openLog(options.logFile) : undefined;
    this.#log = (source, line) => {
      this.#tail.push(`[${source}] ${line}`);
      if (this.#tail.length > TAIL) this.#tail.shift();
      file?.write(`${new Date().toISOString()} [${source}] ${line}\n`);
      options.onLine?.(source, line);
    };
    this.#watchdog = spawn(process.execPath, [path.join(import.meta.dirname, 'watchdog.ts')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#watchdog.stdin?.on('error', () => {});
    this.#watchdog.unref();
  }

  /** Starts a program; `source` names it in the log. Throws once they are being ended: nobody would end that one. */
  start(source: string, command: string, args: string[], env: NodeJS.ProcessEnv): Child {
    if (this.#ending) throw new Error(`${source} was not started: the stack is ending`);
    const process = spawn(command, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const listeners: ((line: string) => void)[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      createInterface({ input: stream }).on('line', (coloured) => {
        const line = stripVTControlCharacters(coloured);
        this.#log(source, line);
        for (const listener of listeners) listener(line);
      });
    }
    const exited = new Promise<Exit>((resolve) => {
      process.once('error', (error) => {
        this.#log(source, error.message);
        resolve({ code: 1, signal: null });
      });
      process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const pid = process.pid ?? -1;
    const child: Child = { pid, exited, end: () => terminate(pid), onLine: (listener) => listeners.push(listener) };
    if (child.pid > 0) {
      this.#running.set(child.pid, child);
      this.#started.push(child.pid);
      this.#tell(`+ ${child.pid}`);
      void exited.then(() => this.#forget(child.pid));
    }
    return child;
  }

  /** Has the folder deleted when the owner ends without having called `stop` or `kill`. */
  cleanUp(folder: string): void {
    this.#tell(`rm ${folder}`);
  }

  /** A line of this process's own, among theirs. */
  say(source: string, line: string): void {
    this.#log(source, line);
  }

  /** The last lines of all children, for an error message. */
  tail(): string {
    return this.#tail.join('\n');
  }

  /** Asks every child to end, ends those that don't, and returns when all are gone. */
  async stop(): Promise<void> {
    this.#ending = true;
    const running = [...this.#running.values()];
    for (const child of running) terminate(child.pid);
    await Promise.all(
      running.map((child) => Promise.race([child.exited, sleep(this.#grace, undefined, { ref: false })])),
    );
    await this.kill();
  }

  /** SIGKILL to every child and everything it started; returns when all are gone. */
  async kill(): Promise<void> {
    this.#ending = true;
    const running = [...this.#running.values()];
    for (const child of running) signalGroup(child.pid, 'SIGKILL');
    await Promise.all(running.map((child) => child.exited));
    for (let tries = 0; tries < 10 && this.#started.some(groupAlive); tries++) await sleep(50);
    await this.#dismiss();
  }

  /** Waited for, since it deletes folders as it goes, and the next stack on this port or state has the same ones. */
  async #dismiss(): Promise<void> {
    const { exitCode, signalCode } = this.#watchdog;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#watchdog, 'exit');
    this.#watchdog.stdin?.end();
    // Nothing else may keep this process alive by now, and one that waits for an unref'ed child ends in the middle of it, with code 13.
    this.#watchdog.ref();
    await Promise.race([gone, sleep(this.#grace, undefined, { ref: false })]);
    this.#watchdog.unref();
  }

  /** What a child that has ended left running ends with it. */
  #forget(pid: number): void {
    this.#running.delete(pid);
    signalGroup(pid, 'SIGKILL');
    this.#tell(`- ${pid}`);
  }

  #tell(line: string): void {
    this.#watchdog.stdin?.write(`${line}\n`);
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has just ended.
  }
}

function openLog(file: string) {
  mkdirSync(path.dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}
