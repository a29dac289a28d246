/**
 * Builds the package: src → dist/<entry>.js (ESM; what entries share, and what loads on first use, lies in dist/chunks), dist/<entry>.cjs (for
 * `require` where it takes no ESM, such as in Jest) and dist/<entry>.d.ts and .d.cts, one file for each entry, without server code or zod. Run by `npm run build -w client-sdk` on the Node 24 that the
 * repository installs.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { type Plugin, rollup } from 'rollup';
import { ENTRIES, type Entry } from './entries.ts';
import { checkInternalNames, INTERNAL_NAMES, inlineConstants } from './shrink.ts';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');
const declarations = path.join(here, '.dts');
/** The entry that all others refer to. */
const MAIN = 'index';
/** Those that the entries behind them refer to. */
const REFERRED = [MAIN, 'trpc'];

/** What both builds have in common. */
const common: BuildOptions = {
  entryPoints: Object.fromEntries(ENTRIES.map(({ name, source }) => [name, path.join(here, source)])),
  outdir: dist,
  bundle: true,
  target: 'es2022',
  minifySyntax: true,
  mangleProps: INTERNAL_NAMES,
  platform: 'neutral',
  mainFields: ['module', 'main'],
  plugins: [
    inlineConstants(path.join(here, 'src')),
    {
      name: 'peers',
      // To one entry a package is a peer that another has built into it.
      setup: ({ onResolve }) =>
        onResolve({ filter: /^[@\w]/ }, ({ path: name, importer }) => {
          const within = (source: string) => importer.startsWith(path.join(here, path.dirname(source), path.sep));
          const entry = ENTRIES.find(({ name: one, source }) => one !== MAIN && within(source));
          const isPeer = entry?.imports.some((one) => name === one || name.startsWith(`${one}/`));
          return isPeer ? { path: name, external: true } : undefined;
        }),
    },
  ],
};

for (const folder of [dist, declarations]) rmSync(folder, { recursive: true, force: true });

generate();
checkExports();
const loaded = await bundleCode();
await bundleCommonJs();
emitDeclarations();
await bundleDeclarations();
checkNames();
rmSync(declarations, { recursive: true, force: true });
const size = (name: string) => `${(statSync(path.join(dist, name)).size / 1000).toFixed(1)} kB`;
console.log(`client-sdk: ${ENTRIES.map(({ name }) => `${name}.d.ts ${size(`${name}.d.ts`)}`).join(', ')}`);

/** What is made from the server's contract and router is made anew. */
function generate(): void {
  execFileSync(process.execPath, [path.join(here, 'generate', 'main.ts')], { stdio: 'inherit' });
}

/** package.json has to offer what entries.ts lists. */
function checkExports(): void {
  const { exports: offered, typesVersions } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
  const expected: Record<string, unknown> = { './package.json': './package.json' };
  const typesOf: Record<string, string[]> = {};
  for (const { name } of ENTRIES) {
    const subpath = name === MAIN ? '.' : `./${name}`;
    const [code, types] = [`./dist/${name}.js`, `./dist/${name}.d.ts`];
    expected[subpath] = {
      import: { types, default: code },
      // Node from 20.19 and 22.12 on takes ESM by `require` as well, so that an app never has both.
      'module-sync': code,
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    };
    // For `moduleResolution: node`, which knows no exports.
    if (name !== MAIN) typesOf[name] = [`./dist/${name}.d.cts`];
  }
  const sorted = (map: Record<string, unknown>) => JSON.stringify(Object.entries(map).sort());
  if (sorted(offered) !== sorted(expected)) {
    throw new Error(`package.json: "exports" has to be ${JSON.stringify(expected, null, 2)}`);
  }
  if (JSON.stringify(typesVersions) !== JSON.stringify({ '*': typesOf })) {
    throw new Error(`package.json: "typesVersions" has to be ${JSON.stringify({ '*': typesOf }, null, 2)}`);
  }
}

/** Those that were shortened are nowhere to be seen. */
function checkNames(): void {
  const texts = (ending: string) =>
    ENTRIES.map(({ name }) => readFileSync(path.join(dist, `${name}.${ending}`), 'utf8')).join('\n');
  checkInternalNames(texts('d.ts'), texts('cjs'), loaded);
}

/** Without chunks: CommonJS has none that load on first use. */
async function bundleCommonJs(): Promise<void> {
  await build({ ...common, format: 'cjs', outExtension: { '.js': '.cjs' } });
}

/** @returns what modules export that are loaded on first use */
async function bundleCode(): Promise<string[]> {
  const { metafile } = await build({
    ...common,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    metafile: true,
  });
  const output = (file: string) => Object.entries(metafile.outputs).find(([name]) => name.endsWith(`dist/${file}`));
  for (const entry of ENTRIES) {
    const seen = new Set<string>();
    const visit = (file: string): string[] => {
      if (seen.has(file)) return [];
      seen.add(file);
      return (metafile.outputs[file]?.imports ?? []).flatMap(({ path: name, external }) =>
        external ? [name] : visit(name),
      );
    };
    onlyAllowed(entry, visit(output(`${entry.name}.js`)?.[0] ?? ''), 'code');
    onlyBundled(
      entry,
      [...seen].flatMap((file) => Object.entries(metafile.outputs[file]?.inputs ?? {})),
    );
  }
  return Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'dynamic-import'))
    .flatMap(({ path: file }) => metafile.outputs[file]?.exports ?? []);
}

function onlyBundled(
  { name, bundles = [] }: Entry,
  inputs: readonly [file: string, part: { bytesInOutput: number }][],
) {
  const packages = inputs.flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []) : [],
  );
  const unwanted = new Set(packages.filter((one) => !bundles.includes(one)));
  if (unwanted.size > 0) throw new Error(`${name} has ${[...unwanted].join(', ')} built into it`);
}

function onlyAllowed({ name, imports }: Entry, imported: readonly string[], what: string): void {
  const allowed = (wanted: string) => imports.some((one) => wanted === one || wanted.startsWith(`${one}/`));
  const unwanted = imported.filter((one) => !allowed(one));
  if (unwanted.length > 0) throw new Error(`the ${what} of ${name} imports ${unwanted.join(', ')}`);
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
  let ofMain: readonly string[] = [];
  for (const entry of ENTRIES) {
    const input = path.join(declarations, 'client-sdk', entry.source.replace(/\.ts$/, '.d.ts'));
    const bundle = await rollup({
      input,
      external: [
        ...entry.imports.flatMap((name) => [name, new RegExp(`^${name}/`)]),
        ...REFERRED.map((name) => new RegExp(`^\\./${name}\\.js$`)),
        'zod',
      ],
      plugins: [emitted(entry), dts()],
      treeshake: { moduleSideEffects: false },
    });
    const [{ code, imports, exports }] = (await bundle.generate({ format: 'es' })).output;
    onlyAllowed(
      entry,
      imports.filter((name) => !REFERRED.some((one) => name === `./${one}.js`)),
      'declarations',
    );
    if (entry.name === MAIN) ofMain = exports;
    else noCopies(entry, code, ofMain);
    const text = tidied(code);
    writeFileSync(path.join(dist, `${entry.name}.d.ts`), text);
    writeFileSync(path.join(dist, `${entry.name}.d.cts`), text.replaceAll(/'\.\/index\.js'/g, "'./index.cjs'"));
  }
}

/** Leads imports of `.ts` files to what tsc made of them; those of what an entry before it exports, to that entry's declarations. */
function emitted({ name }: Entry): Plugin {
  const declared = (importer: string, id: string) =>
    path.resolve(path.dirname(importer), id.replace(/\.tsx?$/, '.d.ts'));
  const owners = new Map<string, string>();
  for (const { name: owner, source } of ENTRIES.slice(
    0,
    ENTRIES.findIndex((entry) => entry.name === name),
  )) {
    if (!REFERRED.includes(owner)) continue;
    const main = declared(path.join(declarations, 'client-sdk', 'entry'), `./${source}`);
    const exported = readFileSync(main, 'utf8').matchAll(/ from '(\.[^']+)'/g);
    for (const file of [main, ...Array.from(exported, ([, id = '']) => declared(main, id))]) {
      if (!owners.has(file)) owners.set(file, `./${owner}.js`);
    }
  }
  return {
    name: 'emitted-declarations',
    resolveId(id, importer) {
      if (importer === undefined || !id.startsWith('.') || !/(?<!\.d)\.tsx?$/.test(id)) return undefined;
      const file = declared(importer, id);
      const owner = owners.get(file);
      return owner === undefined ? file : { id: owner, external: true };
    },
  };
}

function noCopies({ name }: Entry, code: string, ofMain: readonly string[]): void {
  const copied = ofMain.filter((one) => new RegExp(`^(?:declare )?(?:interface|type|class) ${one}\\b`, 'm').test(code));
  if (copied.length > 0)
    throw new Error(`${name} has its own copy of ${copied.join(', ')}: import it from where index.ts has it`);
}

/** As one would write it by hand: what is exported says so, and short object types stand on one line. */
function tidied(code: string): string {
  const list = /\nexport \{([^}]*)\};\n(?:export type \{([^}]*)\};\n)?$/.exec(code);
  const names = `${list?.[1] ?? ''},${list?.[2] ?? ''}`.split(',').map((name) => name.trim());
  const exported = new Set(names.filter((name) => /^\w+$/.test(name)));
  const renamed = names.filter((name) => name !== '' && !exported.has(name));
  let text = code
    .slice(0, list?.index)
    .replace(/^(?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+)/gm, (line, name: string) =>
      exported.has(name) ? `export ${line}` : line,
    )
    // What opened the files stands alone here, above nothing.
    .replace(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=\n|\/\*\*)/gm, '')
    // tsc indents by four spaces.
    .replace(/^(?: {4})+/gm, (indent) => indent.slice(indent.length / 2))
    .replace(/\n{2,}/g, '\n');
  const wide = /(?<=[:,(<|=] ?|\{\n *)\{\n((?: +[^\n{}/]+;\n| +[^\n/]+\{ [^\n]+ \}[^\n]*;\n){1,4}) *\}/g;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(wide, (whole, members: string) => {
      const line = `{ ${members.trim().replace(/;\n +/g, '; ').replace(/;$/, '')} }`;
      return line.length > 90 ? whole : line;
    });
  }
  // Without it everything in a declaration file is exported.
  return `${text.trim()}\nexport {${renamed.length > 0 ? ` ${renamed.join(', ')} ` : ''}};\n`;
}
