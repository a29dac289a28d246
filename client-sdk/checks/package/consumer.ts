/** An app that uses the package, in a folder that knows nothing of this repository. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import { codeIn } from './readme-code.ts';
import type { Row } from './table.ts';

/** Under names of their own, so that both can be installed. */
export const TYPESCRIPTS = [
  { name: 'typescript-7', version: '7.0.2' },
  { name: 'typescript-5', version: '5.9.3' },
] as const;
export type TypeScript = (typeof TYPESCRIPTS)[number];

export interface Consumer {
  folder: string;
  /** What the install took. */
  seconds: string;
}

const NAME = '@s3-workers/client-sdk';
/** Not from the package: `types: []` keeps Node's and Workers' out, as a page has neither. */
const OPTIONS = {
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  jsx: 'react-jsx',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
  types: [],
};

/** For what uses peers, ./trpc and ./react: tRPC's own declarations need Node's types, and this library, without which they do not compile. */
const PEER_OPTIONS = { ...OPTIONS, lib: [...OPTIONS.lib, 'esnext.disposable'], skipLibCheck: true };

/** Installs the tarball, with the versions of its peers that this repository pins, and writes the app around it. */
export async function installConsumer(parent: string, tarball: string): Promise<Consumer> {
  const folder = path.join(parent, 'consumer');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(packageFile(tarball), null, 2));
  const { ok, output, seconds } = await runStep(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: folder },
  );
  if (!ok) throw new Error(`npm install failed:\n${output.trim()}`);
  writeSources(folder);
  return { folder, seconds };
}

function packageFile(tarball: string) {
  const own = JSON.parse(readFileSync(fromRoot('client-sdk', 'package.json'), 'utf8'));
  const dev: Record<string, string> = own.devDependencies;
  // It asks for tRPC's other packages in its own version, where this repository has an override.
  const trpc = dev['@trpc/tanstack-react-query'] ?? '';
  const pinned: Record<string, string> = { ...dev, '@trpc/client': trpc, '@trpc/server': trpc };
  // The types of a peer count as the app's as well.
  const peers = Object.keys(own.peerDependencies ?? {}).flatMap((peer) => [peer, `@types/${peer}`]);
  return {
    private: true,
    type: 'module',
    dependencies: {
      [NAME]: `file:${tarball}`,
      ...Object.fromEntries(peers.flatMap((peer) => (pinned[peer] ? [[peer, pinned[peer]]] : []))),
      ...Object.fromEntries(TYPESCRIPTS.map(({ name, version }) => [name, `npm:typescript@${version}`])),
    },
  };
}

/** The app, the type-level tests that this repository runs on the sources, and what the READMEs show. */
function writeSources(folder: string): void {
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  const tests = fromRoot('client-sdk', 'test');
  for (const name of readdirSync(path.join(tests, 'consumer')).filter((one) => /\.tsx?$/.test(one))) {
    write(name, readFileSync(path.join(tests, 'consumer', name), 'utf8'));
  }
  const types = readFileSync(path.join(tests, 'types.ts'), 'utf8');
  write('types.ts', types.replaceAll(/'\.\.\/src\/index\.ts'/g, `'${NAME}'`));
  for (const file of ['client-sdk/README.md', 'README.md']) {
    const label = file.replace(/\W+/g, '-').toLowerCase();
    for (const [at, { language, code }] of codeIn(readFileSync(fromRoot(file), 'utf8')).entries()) {
      const ending = /client-sdk\/(?:trpc|react)'/.test(code) ? `peers.${language}` : language;
      write(`${label}-${at + 1}.${ending}`, `${code}\nexport {};\n`);
    }
  }
  const config = (name: string, compilerOptions: object, files: object) =>
    write(name, JSON.stringify({ compilerOptions, ...files }, null, 2));
  const ofPeers = ['*.peers.ts', '*.peers.tsx'];
  config('tsconfig.json', OPTIONS, { include: ['*.ts'], exclude: ofPeers });
  config('tsconfig.peers.json', PEER_OPTIONS, { include: ofPeers });
}

/** A row for each verdict; the time is reported and has no limit, as machines differ. */
export async function compile({ folder }: Consumer, { name, version }: TypeScript): Promise<Row[]> {
  const tsc = path.join(folder, 'node_modules', name, 'bin', 'tsc');
  const verdict = async (config: string, what: string): Promise<Row> => {
    const { ok, output, seconds } = await runStep(process.execPath, [tsc, '-p', config], { cwd: folder });
    return { what, limit: 'compiles', value: ok ? `compiles, ${seconds}` : 'errors', ok, detail: output.trim() };
  };
  return [
    await verdict('tsconfig.json', `TypeScript ${version}, strict`),
    await verdict('tsconfig.peers.json', `TypeScript ${version}, ./trpc and ./react`),
  ];
}
