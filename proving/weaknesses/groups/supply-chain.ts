/** Mistakes with what comes from others. */
import { server, type Weakness } from './weakness.ts';

const LOCK = 'package-lock.json';
const locked = (entry: string) => [
  { file: LOCK, find: '  "packages": {\n', replace: `  "packages": {\n    "node_modules/left-pad": ${entry},\n` },
];

export const SUPPLY_CHAIN: Weakness[] = [
  {
    name: 'a package comes from elsewhere',
    changes: locked(
      '{ "version": "1.3.0", "resolved": "https://example.test/left-pad.tgz", "integrity": "sha512-x", "license": "MIT" }',
    ),
    catches: ['supply chain: a locked package without a checksum, or from outside the registry'],
  },
  {
    name: 'the newest of a dependency is taken',
    changes: [{ file: 'package.json', find: '"wrangler": "', replace: '"wrangler": "^' }],
    catches: ['supply chain: a dependency that is not pinned to one version'],
  },
  {
    name: 'a package runs a script that nobody has allowed',
    changes: locked('{ "version": "1.3.0", "integrity": "sha512-x", "license": "MIT", "hasInstallScript": true }'),
    catches: ['supply chain: an install script that is not on the allow-list'],
  },
  {
    name: 'an installation runs a script of ours',
    changes: [
      {
        file: 'package.json',
        find: '    "bench": "',
        replace: '    "postinstall": "node start/bootstrap.mjs",\n    "bench": "',
      },
    ],
    catches: ['supply chain: a script of ours that npm runs by itself'],
  },
  {
    name: 'a package comes into the bundle that nobody has a reason for',
    changes: [
      {
        file: server('index'),
        find: "import { handleRpc } from './rpc/handler.ts';",
        replace: "import { handleRpc } from './rpc/handler.ts';\nimport 'marked';",
      },
    ],
    catches: ['supply chain: a package in the bundle that ARCHITECTURE.md gives no reason for'],
  },
  {
    name: 'a package that is locked forbids what we do',
    changes: [
      {
        file: LOCK,
        find: '  "packages": {\n',
        replace: '  "packages": {\n    "node_modules/../client-sdk": { "version": "1.0.0" },\n',
      },
      { file: 'client-sdk/package.json', find: '"license": "MIT"', replace: '"license": "SSPL-1.0"' },
    ],
    catches: ['supply chain: a licence that forbids what we do, or none at all'],
  },
  {
    name: 'a key stands in a file that git keeps',
    changes: [{ file: 'README.md', find: '## Operate', replace: `## Operate\n\nAKIA${'A'.repeat(16)}` }],
    catches: ['supply chain: a secret in a file that git keeps'],
  },
  {
    name: 'packages come from another registry',
    changes: [
      { file: 'proving/mutation/.npmrc', find: 'legacy-peer-deps=true', replace: 'registry=https://example.test/' },
    ],
    catches: ['supply chain: a registry, proxy or token in a file of npm settings'],
  },
];
