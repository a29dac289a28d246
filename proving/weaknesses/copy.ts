/** Copies of what git keeps of the checkout, to make mistakes in: the checkout itself is never touched. */
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { fromRoot, ROOT } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';
import { changed } from './groups/coverage.ts';
import type { Change } from './groups/weakness.ts';

const INSTALLED = ['', 'server', 'client-sdk', 'examples/gpu-worker', 'start/panel/page', 'proving/mutation'];

export class Copy {
  readonly folder: string;
  /** For git in the copy: the index is that of the checkout. */
  readonly env: NodeJS.ProcessEnv;

  readonly #temporary: TemporaryFolder;

  private constructor(gitDir: string) {
    this.#temporary = temporaryFolder('s3-weaknesses-');
    this.folder = this.#temporary.path;
    this.env = { ...process.env, GIT_DIR: gitDir, GIT_WORK_TREE: this.folder };
  }

  static async ofCheckout(): Promise<Copy> {
    const copy = new Copy((await git('rev-parse', '--absolute-git-dir')).trim());
    const { folder } = copy;
    for (const file of (await git('ls-files', '-co', '--exclude-standard', '-z')).split('\0')) {
      if (file !== '' && existsSync(fromRoot(file))) cpSync(fromRoot(file), path.join(folder, file));
    }
    // Installed packages are linked, not copied.
    for (const part of INSTALLED) {
      const modules = path.join(part, 'node_modules');
      if (existsSync(fromRoot(modules))) symlinkSync(fromRoot(modules), path.join(folder, modules), 'dir');
    }
    return copy;
  }

  /** Makes the mistake; returns how to undo it. Throws when it does not fit the code any more. */
  mistake(changes: readonly Change[]): () => void {
    const bad = changed(changes, this.folder);
    const good = [...bad.keys()].map((file) => [file, readFileSync(path.join(this.folder, file), 'utf8')] as const);
    for (const [file, text] of bad) writeFileSync(path.join(this.folder, file), text);
    return () => {
      for (const [file, text] of good) writeFileSync(path.join(this.folder, file), text);
    };
  }

  remove(): void {
    this.#temporary.remove();
  }
}

async function git(...args: string[]): Promise<string> {
  const { ok, output } = await runStep('git', args, { cwd: ROOT });
  if (!ok) throw new Error(`git ${args[0]}: ${output.trim()}`);
  return output;
}
