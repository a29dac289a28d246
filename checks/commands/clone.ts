/** A fresh clone of this checkout with what is not committed yet, and nothing installed or generated in it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../start/paths.ts';

export function freshClone(into: string): void {
  git('clone', '--quiet', '--no-local', '--depth', '1', `file://${ROOT}`, into);
  for (const name of git('ls-files', '-z', '--modified', '--others', '--exclude-standard').split('\0')) {
    if (name === '') continue;
    const [source, copy] = [path.join(ROOT, name), path.join(into, name)];
    if (existsSync(source)) cpSync(source, copy, { recursive: true });
    else rmSync(copy, { force: true });
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
