/** One stack at a time on a folder of stored state: two would write the same databases. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Marks the folder as this process's and returns the mark, to be deleted when the stack ends. Throws when another one lives there. */
export function claimState(folder: string): string {
  const mark = path.join(folder, '.in-use');
  const owner = existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0;
  if (owner && owner !== process.pid && isAlive(owner)) {
    throw new Error(`the state in ${folder} is in use by process ${owner}: stop that one first`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, String(process.pid));
  return mark;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
