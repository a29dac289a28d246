/** Bundles the suite with the built client: as a program, a page's script or a Worker. */
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { fromRoot, GENERATED } from '../../../start/paths.ts';

/** The cases name the client's sources, whose types they share; what runs is the package as it was built. */
const builtClient: Plugin = {
  name: 'built-client',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/client-sdk\/src\/index\.ts$/ }, () => ({
      path: fromRoot('client-sdk', 'dist', 'index.js'),
    })),
};

export type Form = 'process' | 'page' | 'worker';

/** The file of the bundle, an ES module. */
export async function bundle(form: Form): Promise<string> {
  const outfile = path.join(GENERATED, 'sdk-runtimes', `${form}.mjs`);
  await build({
    entryPoints: [path.join(import.meta.dirname, 'entries', `${form}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    // What Node 20 has; the browser and the others have more.
    target: 'es2022',
    external: ['node:*'],
    plugins: [builtClient],
    logLevel: 'silent',
  });
  return outfile;
}
