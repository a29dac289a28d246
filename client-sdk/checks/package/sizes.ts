/** What an app's bundler makes of the package: minified, each file compressed as a server would. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { ENTRIES } from '../../entries.ts';
import type { Consumer } from './consumer.ts';

export interface Weight {
  /** Bytes, gzip: everything, with what loads on first use. */
  all: number;
  /** What loads along with the page. */
  atOnce: number;
}

/** Everything that entry `name` exports, as if an app used it all. The entry's peers are left out. */
export async function weigh({ folder }: Consumer, name: string): Promise<Weight> {
  const subpath = name === 'index' ? '' : `/${name}`;
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export * from '@s3-workers/client-sdk${subpath}';`, resolveDir: folder },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    minify: true,
    // As Vite, webpack and Rollup write letters: as they are.
    charset: 'utf8',
    write: false,
    metafile: true,
    outdir: path.join(folder, 'out'),
    external: ENTRIES.find((entry) => entry.name === name)?.imports.flatMap((one) => [one, `${one}/*`]) ?? [],
  });
  const bytes = new Map(outputFiles.map((file) => [path.basename(file.path), gzipSync(file.contents).length]));
  const sum = (names: Iterable<string>) =>
    [...names].reduce((total, one) => total + (bytes.get(path.basename(one)) ?? 0), 0);
  return { all: sum(bytes.keys()), atOnce: sum(loadedAtOnce(metafile)) };
}

/** The entry's file and those that it imports statically. */
function loadedAtOnce({ outputs }: Metafile): Set<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { path: other, kind, external } of outputs[name]?.imports ?? []) {
      if (kind === 'import-statement' && !external) visit(other);
    }
  };
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint !== undefined);
  if (entry !== undefined) visit(entry);
  return seen;
}

/** Bytes of an entry's declarations, as they are installed. */
export function weighDeclarations({ folder }: Consumer, name: string): number {
  const file = path.join(folder, 'node_modules', '@s3-workers', 'client-sdk', 'dist', `${name}.d.ts`);
  const { size } = statSync(file);
  if (readFileSync(file, 'utf8').trim() === '') throw new Error(`${name}.d.ts is empty`);
  return size;
}
