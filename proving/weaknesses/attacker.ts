/** The process that attacks a copy of the checkout. It is kept, as long as nothing changes of what it has loaded itself. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Copy } from '../world/copy.ts';
import type { Weakness } from './groups/weakness.ts';
import type { Asked, Attacked, Told } from './one.ts';

export type Ran = { attacked: Attacked[] /** Why nothing can be said; null when all ran. */; trouble: string | null };

/** A mistake may hang what it is made in. Milliseconds. */
const PATIENCE = 240_000;
/** For what should come over a socket, where an attack would wait longer. Milliseconds. */
const SOCKET_PATIENCE = '3000';

export class Attacker {
  readonly #copy: Copy;
  #child: ChildProcess | null = null;
  #output = '';
  #stopped = false;

  constructor(copy: Copy) {
    this.#copy = copy;
  }

  /** The attacks that the weakness names, with it in place; or all of `attacks`, which replace them. */
  async with(weakness: Weakness, attacks?: readonly string[]): Promise<Ran> {
    let undo: () => void;
    try {
      undo = this.#copy.mistake(weakness.changes);
    } catch (error) {
      return { attacked: [], trouble: error instanceof Error ? error.message : String(error) };
    }
    const loaded = weakness.changes.some(({ file }) => isLoaded(file));
    if (loaded) this.end();
    try {
      return await this.#insist({ weakness: weakness.name, ...(attacks === undefined ? {} : { attacks }) });
    } finally {
      undo();
      if (loaded) this.end();
    }
  }

  without(attacks: readonly string[]): Promise<Ran> {
    return this.#insist({ attacks });
  }

  /** A world that does not come to stand on a machine that is busy may do so the second time. */
  async #insist(asked: Asked): Promise<Ran> {
    const ran = await this.#ask(asked);
    if (ran.trouble === null || this.#stopped) return ran;
    this.end();
    return this.#ask(asked);
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    this.end();
  }

  end(): void {
    this.#child?.kill('SIGTERM');
    this.#child = null;
  }

  #ask(asked: Asked): Promise<Ran> {
    const { promise, resolve } = Promise.withResolvers<Ran>();
    const child = this.#started();
    const ended = () => {
      this.#child = null;
      resolve({ attacked: [], trouble: this.#output.trim() || 'it ended without a word' });
    };
    const timer = setTimeout(() => {
      this.#output = `nothing came of it within ${PATIENCE / 1000} s`;
      child.kill('SIGKILL');
    }, PATIENCE);
    child.once('close', ended);
    child.once('message', (told: Told) =>
      resolve('trouble' in told ? { attacked: [], trouble: told.trouble } : { attacked: told.attacked, trouble: null }),
    );
    child.send(asked);
    return promise.finally(() => {
      clearTimeout(timer);
      child.removeAllListeners('message');
      child.off('close', ended);
    });
  }

  #started(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const { folder, env } = this.#copy;
    const child = fork(path.join(folder, 'proving', 'weaknesses', 'one.ts'), [], {
      cwd: folder,
      env: { ...env, ATTACK_PATIENCE_MS: SOCKET_PATIENCE },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-2000);
      });
    }
    child.on('error', (error) => {
      this.#output += error.message;
    });
    this.#child = child;
    return child;
  }
}

/** The bundle is made anew for each weakness; what the attacks import themselves is not. */
const isLoaded = (file: string): boolean => /^(proving|start|examples|server\/src\/contract)\//.test(file);
