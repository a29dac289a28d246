/** Copies of what git keeps of the checkout, to make mistakes in: the checkout itself is never touched. */
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { fromRoot } from '../../start/paths.ts';
import { runStep } from '../../start/run-step.ts';

/** One place in the code, a setting or a manifest. `find` stands exactly once in the file. */
export type Change = { file: string; find: string; replace: string };

/** Installed packages are linked, not copied. */
const INSTALLED = [
  '',
  'server',
  'client-sdk',
  'examples/gpu-worker',
  'studio',
  'proving/mutation',
  'proving/suites/trpc-clients/11.0.0',
  'proving/suites/trpc-clients/11.10.0',
];
/** What is built and git does not keep. */
const BUILT = ['client-sdk/dist'];

export class Copy {
  readonly folder: string;
  /** For git in the copy: the index is that of the checkout. */
  readonly env: NodeJS.ProcessEnv;
  readonly #temporary: TemporaryFolder;

  private constructor(prefix: string, gitDir: string) {
    this.#temporary = temporaryFolder(prefix);
    this.folder = this.#temporary.path;
    this.env = { ...process.env, GIT_DIR: gitDir, GIT_WORK_TREE: this.folder };
  }

  /** @param prefix of the temporary folder's name */
  static async ofCheckout(prefix: string): Promise<Copy> {
    const copy = new Copy(prefix, (await git('rev-parse', '--absolute-git-dir')).trim());
    const kept = (await git('ls-files', '-co', '--exclude-standard', '-z')).split('\0');
    for (const file of [...kept, ...BUILT]) {
      if (file !== '' && existsSync(fromRoot(file)))
        cpSync(fromRoot(file), path.join(copy.folder, file), { recursive: true });
    }
    for (const part of INSTALLED) {
      const modules = path.join(part, 'node_modules');
      if (existsSync(fromRoot(modules))) symlinkSync(fromRoot(modules), path.join(copy.folder, modules), 'dir');
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

/** The files with the mistake in them, by name. Throws when it does not fit them any more. */
export function changed(changes: readonly Change[], folder = fromRoot()): Map<string, string> {
  const files = new Map<string, string>();
  for (const change of changes) {
    const good = files.get(change.file) ?? readFileSync(path.join(folder, change.file), 'utf8');
    files.set(change.file, withChange(good, change));
  }
  return files;
}

export function withChange(good: string, { file, find, replace }: Change): string {
  const times = good.split(find).length - 1;
  if (times !== 1) throw new Error(`what it replaces stands ${times} times in ${file}, not once: ${find.slice(0, 60)}`);
  return good.replace(find, () => replace);
}

async function git(...args: string[]): Promise<string> {
  const { ok, output } = await runStep('git', args);
  if (!ok) throw new Error(`git ${args[0]}: ${output.trim()}`);
  return output;
}
