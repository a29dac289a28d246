/** Supply chain: what gets into the build, from where, and what of it may run on the way. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EXCEPTIONS } from '../../../checks/supply-chain/allowed.ts';
import { checksumOf, type Lock } from '../../../checks/supply-chain/inspect.ts';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import { answers, Group, must } from '../attack.ts';

export const supplyChain = new Group('supply chain');
const NONE = answers([]);

type Locked = {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  license?: string;
};
type Manifest = Record<string, unknown> & {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
};

const LOCKS = ['package-lock.json', 'proving/mutation/package-lock.json'];
const json = <T>(file: string): T => JSON.parse(readFileSync(fromRoot(file), 'utf8')) as T;
const lockedOf = (file: string): [name: string, entry: Locked][] =>
  Object.entries(json<{ packages: Record<string, Locked> }>(file).packages).filter(([name]) =>
    name.includes('node_modules/'),
  );
const manifests = (): string[] =>
  globSync('**/package.json', {
    cwd: fromRoot(),
    exclude: (name) => /(^|\/)(node_modules|dist|\.wrangler|coverage)$/.test(name),
  });

/** Whether a manifest means the package of this checkout: the one of the workspace, or the client's folder. */
const isOurs = (file: string, wanted: string): boolean =>
  wanted === '*' || wanted === `file:${path.relative(path.dirname(file), 'client-sdk')}`;

supplyChain.attack('a locked package without a checksum, or from outside the registry', NONE, async () => {
  for (const lock of LOCKS) {
    const locked = lockedOf(lock);
    must(locked.length > 0, `${lock} locks nothing`);
    const { packages } = json<Lock>(lock);
    for (const [name, { resolved, link }] of locked) {
      if (link) continue;
      must(/^sha512-/.test(checksumOf(packages, name) ?? ''), `${lock}: ${name} has no SHA-512`);
      must(
        resolved === undefined || /^https:\/\/registry\.npmjs\.org\//.test(resolved),
        `${lock}: ${name} comes from ${resolved}`,
      );
    }
  }
  return [];
});
supplyChain.attack('a dependency that is not pinned to one version', NONE, async () => {
  for (const file of manifests()) {
    const { dependencies, devDependencies, optionalDependencies } = json<Manifest>(file);
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      must(
        // Under another name as well, where an app has several of one package.
        /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted) ||
          (name.startsWith('@s3-workers/') && isOurs(file, wanted)),
        `${file}: ${name} is ${wanted}`,
      );
    }
  }
  return [];
});
supplyChain.attack('an install script that is not on the allow-list', NONE, async () => {
  const allowed = Object.entries(json<Manifest>('package.json').allowScripts ?? {}).filter(([, yes]) => yes);
  const names = new Set(allowed.map(([name]) => name.replace(/(?<=.)@.*$/, '')));
  must(names.size > 0 && names.size <= 5, `the allow-list holds ${[...names].join(', ')}`);
  const runs = lockedOf('package-lock.json').filter(([, { hasInstallScript }]) => hasInstallScript);
  // Optional ones of other systems are never installed here, and stand in the lock all the same.
  const unknown = runs
    .map(([name]) => name.slice(name.lastIndexOf('node_modules/') + 13))
    .filter((name) => !names.has(name) && name !== 'fsevents');
  must(unknown.length === 0, `${unknown.join(', ')} would run a script`);
  return [];
});
supplyChain.attack('a script of ours that npm runs by itself', NONE, async () => {
  for (const file of manifests()) {
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
      must(json<Manifest>(file).scripts?.[hook] === undefined, `${file} runs ${hook}`);
    }
  }
  return [];
});
supplyChain.attack('a package in the bundle that ARCHITECTURE.md gives no reason for', NONE, async (world) => {
  const files = Object.keys(world.production.bundle.metafile.inputs);
  const packages = new Set(
    files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1] ?? []),
  );
  must(packages.size > 0, 'the bundle names no package');
  const architecture = readFileSync(fromRoot('ARCHITECTURE.md'), 'utf8');
  // What superjson and wrangler bring along.
  const brought = new Set(['copy-anything', 'is-what', 'unenv', '@cloudflare/unenv-preset', 'wrangler']);
  const unexplained = [...packages].filter((name) => !architecture.includes(name) && !brought.has(name));
  must(unexplained.length === 0, `${unexplained.join(', ')} is in the bundle`);
  return [];
});
supplyChain.attack('a licence that forbids what we do, or none at all', NONE, async () => {
  const good =
    /^\(?(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|CC0-1\.0|CC-BY-4\.0|Python-2\.0|MPL-2\.0|LGPL-3\.0-or-later|LGPL-3\.0-only)( (AND|OR) |$|\))/;
  for (const [name, { link }] of lockedOf('package-lock.json')) {
    if (link) continue;
    const licence = licenceOf(name);
    // What is not for this system is not installed: its licence is that of the package that wants it.
    const excepted = EXCEPTIONS.some(
      ({ license, packages }) => license === licence && packages.test(name.slice('node_modules/'.length)),
    );
    must(licence === null || excepted || good.test(licence), `${name} is under ${licence}`);
  }
  return [];
});

function licenceOf(name: string): string | null {
  try {
    const { license, licenses } = json<{ license?: unknown; licenses?: { type: string }[] }>(`${name}/package.json`);
    return typeof license === 'string' ? license : (licenses?.map(({ type }) => type).join(' OR ') ?? 'none');
  } catch {
    return null;
  }
}

supplyChain.attack('a secret in a file that git keeps', NONE, async () => {
  const { ok, output } = await runStep('git', ['ls-files', '-z']);
  must(ok, `git ls-files failed: ${output}`);
  const files = output.split('\0').filter((file) => file !== '' && !/\.(jpg|png|webp|ico)$/.test(file));
  const patterns = [
    /AKIA[0-9A-Z]{16}/,
    /-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----/,
    /ghp_[A-Za-z0-9]{36}/,
    /npm_[A-Za-z0-9]{36}/,
    /sk_live_\w+/,
    /_authToken\s*=\s*\S+/,
  ];
  for (const file of files) {
    let content: string;
    try {
      content = readFileSync(fromRoot(file), 'utf8');
    } catch {
      continue;
    }
    for (const pattern of patterns) {
      if (file === 'proving/attacks/groups/supply-chain.ts') continue;
      must(!pattern.test(content), `${file} holds ${pattern.exec(content)?.[0].slice(0, 20)}…`);
    }
  }
  must(!files.some((file) => /(^|\/)(\.dev\.vars|\.env(\..*)?)$/.test(file)), 'a file of settings is kept');
  return [];
});
supplyChain.attack('a registry, proxy or token in a file of npm settings', NONE, async () => {
  for (const file of ['.npmrc', 'proving/mutation/.npmrc', 'client-sdk/.npmrc']) {
    let content = '';
    try {
      content = readFileSync(fromRoot(file), 'utf8');
    } catch {
      continue;
    }
    must(!/registry|proxy|token|password|ignore-scripts\s*=\s*false/i.test(content), `${file} says ${content}`);
  }
  return [];
});
