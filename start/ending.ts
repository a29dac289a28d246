/**
 * How a command ends before its time. Whatever it was that ended it, short of SIGKILL, what it had open goes with it, and its exit code
 * is the one that a shell gives for the signal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

/** What is open may take so long to end in order, in milliseconds; then the process ends without it. */
const PATIENCE = 15_000;

const open = new Set<() => Promise<void>>();
const leftovers = new Set<() => void>();

export type Interruption = {
  /** What the command is to end with; null as long as no signal came. */
  code: number | null;
};

/** Calls back at each signal that asks this process to end. Ctrl-C arrives twice, once by way of npm. */
export function onInterrupt(act: (signal: Signal) => void): Interruption {
  const interruption: Interruption = { code: null };
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interruption.code ??= CODES[signal];
      act(signal);
    });
  }
  return interruption;
}

/**
 * For a command that has stacks and servers open itself: at the first signal these are ended in order, and then the process.
 * @param code what it then exits with; left out: the signal's
 * @returns aborted at that signal: what fails from then on is no news
 */
export function endInOrderWhenInterrupted(code?: number): AbortSignal {
  const interrupted = new AbortController();
  const interruption = onInterrupt(() => {
    if (interrupted.signal.aborted) return;
    interrupted.abort();
    console.error('\nStopping …');
    // What was under way fails for want of what is ending.
    process.on('uncaughtException', () => {});
    const exit = () => process.exit(code ?? interruption.code ?? 1);
    setTimeout(exit, PATIENCE);
    void Promise.allSettled([...open].map((end) => end())).then(exit);
  });
  return interrupted.signal;
}

/** Has it ended when the command is interrupted. @returns forgets it, for when it has ended by itself */
export function endWithCommand(end: () => Promise<void>): () => void {
  open.add(end);
  return () => void open.delete(end);
}

/** Has something done when the process exits, at once, since nothing is waited for then. @returns forgets it */
export function atExit(act: () => void): () => void {
  if (leftovers.size === 0) process.on('exit', actAll);
  leftovers.add(act);
  return () => {
    leftovers.delete(act);
    if (leftovers.size === 0) process.off('exit', actAll);
  };
}

function actAll(): void {
  for (const act of leftovers) act();
}

export type TemporaryFolder = { path: string; remove(): void };

/** A folder that is deleted when the process exits, unless it was before. */
export function temporaryFolder(prefix: string, parent = tmpdir()): TemporaryFolder {
  const folder = mkdtempSync(path.join(parent, prefix));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const forget = atExit(remove);
  return {
    path: folder,
    remove: () => {
      forget();
      remove();
    },
  };
}
