/** What may come from others: licences, and packages that run code when they are installed. Each exception has its reason. */

/** Licences that ask for no more than their text and names to be kept. */
export const LICENSES: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]);

/** Other licences, by the packages that may have them. */
export const EXCEPTIONS: readonly { license: string; packages: RegExp; reason: string }[] = [
  {
    license: 'MPL-2.0',
    packages: /^lightningcss(-|$)/,
    reason: "Vite's CSS compiler: a tool of the tests, unchanged, in nothing that is deployed or published",
  },
  {
    license: 'MPL-2.0',
    packages: /^axe-core$/,
    reason:
      "looks for what a screen reader's user would miss, in the studio's tests; unchanged, in nothing that is deployed or published",
  },
  {
    license: 'LGPL-3.0-or-later',
    packages: /^@img\/sharp-/,
    reason: 'libvips, linked dynamically by sharp: decodes photos in the demo and the reference GPU worker, unchanged',
  },
  {
    license: 'LGPL-3.0',
    packages: /^libheif-js$/,
    reason:
      'decodes HEIC photos in the studio, unchanged and in files of its own, which only a page that meets one loads; whoever wants puts another build in their place',
  },
  {
    license: 'OFL-1.1',
    packages: /^@fontsource-variable\/noto-sans-kr$/,
    reason:
      'a font with Korean for the sets that tests and the demo draw, unchanged, in nothing that is deployed or published',
  },
  {
    license: 'LGPL-3.0-only',
    packages: /^rollup-plugin-dts$/,
    reason: "bundles the client's declarations: a tool, whose own code is not in what it writes",
  },
];

/** Packages whose install scripts may run; package.json's allowScripts holds the same names. */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  node: 'puts the Node binary of this platform in place, which every npm script runs on',
  esbuild: "checks that this platform's binary is there, and puts it in the place of the launcher",
  workerd: 'the same for the Workers runtime, which local stack and tests run on',
};
