/** One stack at a time on a folder of stored state: two would write the same databases. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { atExit } from '../ending.ts';

/** Marks the folder as this process's and returns the mark, to be deleted when the stack ends. Throws when another one lives there. */
export function claimState(folder: string): string {
  const mark = path.join(folder, '.in-use');
  const owner = ownerOf(mark);
  if (owner && owner !== process.pid && isAlive(owner)) {
    throw new Error(`the state in ${folder} is in use by process ${owner}: stop that one first`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, String(process.pid));
  // Its number may be another process's by then.
  atExit(() => {
    if (ownerOf(mark) === process.pid) rmSync(mark, { force: true });
  });
  return mark;
}

const ownerOf = (mark: string): number => (existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
