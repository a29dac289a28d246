/**
 * Builds the package: src → dist/index.js (ESM, dependencies left outside) and dist/index.d.ts (one file, no server code, no zod).
 * Run by `npm run build -w client-sdk` on the Node 24 that the repository installs.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { rollup } from 'rollup';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');
const declarations = path.join(here, '.dts');
const EXTERNAL = [/^@trpc\//, 'superjson'];

for (const folder of [dist, declarations]) rmSync(folder, { recursive: true, force: true });

await bundleCode();
emitDeclarations();
await bundleDeclarations();
rmSync(declarations, { recursive: true, force: true });
await report();

async function bundleCode(): Promise<void> {
  const { metafile } = await build({ ...codeOptions(), outfile: path.join(dist, 'index.js'), packages: 'external' });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path: name }) => name));
  const unwanted = imported.filter((name) => !EXTERNAL.some((allowed) => name.match(allowed)));
  if (unwanted.length > 0) throw new Error(`the bundle imports ${unwanted.join(', ')}`);
}

function codeOptions() {
  const options = { bundle: true, format: 'esm', target: 'es2022', platform: 'neutral', metafile: true } as const;
  return {
    ...options,
    entryPoints: [path.join(here, 'src/index.ts')],
    mainFields: ['module', 'main'],
    conditions: ['import'],
  };
}

/** With this package's own TypeScript 5.9: what bundles the declarations needs its API. */
function emitDeclarations(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', path.join(here, 'tsconfig.build.json')], { stdio: 'inherit' });
}

async function bundleDeclarations(): Promise<void> {
  // The plugin lies in the repository's node_modules, beside a TypeScript 7 that has no API: it is led to ours.
  const ours = pathToFileURL(createRequire(import.meta.url).resolve('typescript')).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'typescript' ? { url: ours, shortCircuit: true } : next(specifier, context),
  });
  const { dts } = await import('rollup-plugin-dts');
  const toDeclaration = {
    name: 'ts-to-d.ts',
    resolveId: (id: string, importer: string | undefined) =>
      importer && id.startsWith('.') && id.endsWith('.ts') && !id.endsWith('.d.ts')
        ? path.resolve(path.dirname(importer), id.replace(/\.ts$/, '.d.ts'))
        : undefined,
  };
  const bundle = await rollup({
    input: path.join(declarations, 'client-sdk/src/index.d.ts'),
    external: [...EXTERNAL, 'zod'],
    plugins: [toDeclaration, dts()],
    treeshake: { moduleSideEffects: false },
  });
  const { output } = await bundle.generate({ format: 'es' });
  const foreign = output[0].imports;
  if (foreign.length > 0) throw new Error(`the declarations import ${foreign.join(', ')}`);
  const text = output[0].code
    // What opened the files stands alone here, above nothing.
    .replace(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=\n|\/\*\*)/gm, '')
    // tsc indents by four spaces.
    .replace(/^(?: {4})+/gm, (indent) => indent.slice(indent.length / 2));
  writeFileSync(path.join(dist, 'index.d.ts'), text);
}

async function report(): Promise<void> {
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const minified = async (packages: 'external' | 'bundle') => {
    const { outputFiles } = await build({ ...codeOptions(), packages, minify: true, write: false });
    return gzipSync(outputFiles[0]!.contents).length;
  };
  const own = kb(await minified('external'));
  const all = kb(await minified('bundle'));
  const types = kb(statSync(path.join(dist, 'index.d.ts')).size);
  console.log(`client-sdk: ${own} min+gzip, ${all} with its dependencies, index.d.ts ${types}`);
}
