/** Reads lock files: what comes from others, under which licences, and what of it runs code when it is installed. */
import { EXCEPTIONS, INSTALL_SCRIPTS, LICENSES } from './allowed.ts';

type Entry = {
  version?: string;
  license?: string;
  link?: boolean;
  resolved?: string;
  integrity?: string;
  /** It comes within the archive of the package that its path lies in, whose checksum is over both. */
  inBundle?: boolean;
  hasInstallScript?: boolean;
};
export type Lock = { packages: Record<string, Entry> };
export type Manifest = {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
};
export type Package = { name: string; license: string; installScript: boolean; integrity: boolean };

/** Every package of a lock file that is not our own. */
export function packagesOf({ packages }: Lock): Package[] {
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, { license = 'none', hasInstallScript = false }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      license,
      installScript: hasInstallScript,
      integrity: checksumOf(packages, path) !== undefined,
    }));
}

/** Of the archive that a package comes in. @param packages of a lock file, by their paths */
export function checksumOf(packages: Lock['packages'], path: string): string | undefined {
  const { integrity, inBundle = false } = packages[path] ?? {};
  return inBundle ? checksumOf(packages, path.slice(0, path.lastIndexOf('/node_modules/'))) : integrity;
}

/** `(MIT OR GPL-3.0)`: one of them has to be allowed; `A AND B`: all of them. */
function isAllowed(license: string, name: string): boolean {
  const alternatives = license.replace(/[()]/g, '').split(' OR ');
  const one = (id: string) =>
    LICENSES.has(id) || EXCEPTIONS.some((exception) => exception.license === id && exception.packages.test(name));
  return alternatives.some((alternative) => alternative.split(' AND ').every(one));
}

/** What is wrong with these packages, in words. */
export function problemsOf(packages: readonly Package[]): string[] {
  return packages.flatMap(({ name, license, installScript, integrity }) => [
    ...(isAllowed(license, name) ? [] : [`${name}: its licence, ${license}, is not on the list`]),
    ...(integrity ? [] : [`${name}: the lock file has no checksum of it`]),
    ...(installScript && !(name in INSTALL_SCRIPTS) ? [`${name}: runs a script when it is installed`] : []),
  ]);
}

/** Dependencies that are not pinned to one version, but for the packages of this repository, and allowances for scripts that do not match the reasons. */
export function manifestProblems(file: string, manifest: Manifest): string[] {
  const { dependencies = {}, devDependencies = {}, allowScripts = {} } = manifest;
  const loose = Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name, version]) => !(name.startsWith('@s3-workers/') && version === '*'))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${file}: ${name} ${version} is not one version`);
  const unknown = Object.keys(allowScripts)
    .filter((name) => !(name in INSTALL_SCRIPTS))
    .map((name) => `${file}: allowScripts names ${name}, which has no reason in checks/supply-chain/allowed.ts`);
  return [...loose, ...unknown];
}

/** docs/LICENSES.md: names by licence, without versions, which the lock files have. */
export function licenseList(packages: readonly Package[]): string {
  const byLicense = Map.groupBy(packages, ({ license }) => license);
  const parts = [...byLicense]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([license, some]) => {
      const names = [...new Set(some.map(({ name }) => name))].sort((a, b) => a.localeCompare(b, 'en'));
      return `## ${license}\n\n${names.map((name) => `- ${name}`).join('\n')}\n`;
    });
  const exceptions = EXCEPTIONS.map(
    ({ license, packages: which, reason }) => `- ${license}, \`${which.source}\`: ${reason}`,
  );
  const scripts = Object.entries(INSTALL_SCRIPTS).map(([name, reason]) => `- ${name}: ${reason}`);
  return [
    '# Packages by others, and their licences\n',
    'Written by `npm run supply-chain -- --write` from the lock files; `npm run check` fails when it is not up to date.\n',
    `Licences that are allowed for some packages only:\n\n${exceptions.join('\n')}\n`,
    `Packages that run a script when they are installed:\n\n${scripts.join('\n')}\n`,
    ...parts,
  ].join('\n');
}
