/**
 * What can be imported from this package. A line here, and one under `exports` in package.json (build.ts compares the two), is all that an
 * entry needs. What index.ts exports, another entry imports from where index.ts has it (values from there too: `../index.ts` would load the
 * whole client); its declarations then refer to those of `.`, so that no type exists twice.
 */
export interface Entry {
  /** `index` is `.`, the others are `./<name>`; their files in dist/ are named so too. */
  readonly name: string;
  readonly source: string;
  /** Packages that it may import. They are peers that the app has anyway. */
  readonly imports: readonly string[];
  /** Packages that are built into it, so that nobody has to install them. */
  readonly bundles?: readonly string[];
}

export const ENTRIES: readonly Entry[] = [
  { name: 'index', source: 'src/index.ts', imports: [] },
  { name: 'trpc', source: 'src/trpc/index.ts', imports: ['@trpc/client', '@trpc/server'] },
  {
    name: 'react',
    source: 'src/react/index.ts',
    imports: ['react', '@tanstack/react-query', '@trpc/client', '@trpc/server', '@trpc/tanstack-react-query'],
  },
  { name: 'messages', source: 'src/messages/index.ts', imports: [] },
  { name: 'results', source: 'src/results/index.ts', imports: [] },
  { name: 'sets', source: 'src/sets/index.ts', imports: [] },
  { name: 'files', source: 'src/files/index.ts', imports: [] },
  { name: 'webhooks', source: 'src/webhooks/index.ts', imports: [] },
  {
    name: 'testing',
    source: 'src/testing/index.ts',
    imports: [],
    bundles: ['@trpc/server', 'zod', 'superjson', 'copy-anything', 'is-what'],
  },
];

/** The files that every build leaves, relative to this folder. */
export const BUILT: readonly string[] = ENTRIES.flatMap(({ name }) =>
  ['js', 'd.ts', 'cjs', 'd.cts'].map((ending) => `dist/${name}.${ending}`),
);
