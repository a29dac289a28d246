/** `npm run check`: format, lint and types of the whole repository. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from '../client-sdk/build-if-stale.ts';
import { fromRoot, ROOT } from '../start/paths.ts';
import { runStep } from '../start/run-step.ts';

const TSC = fromRoot('node_modules', 'typescript', 'bin', 'tsc');
const BIOME = fromRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome');
const colour = process.stdout.isTTY ? 'force' : 'off';

let failed = 0;

async function step(
  name: string,
  work: () => Promise<{ ok: boolean; output: string; seconds: string }>,
): Promise<void> {
  const { ok, output, seconds } = await work();
  console.log(`${ok ? '✔' : '✘'} ${name} (${seconds})`);
  if (!ok) {
    failed++;
    console.log(`\n${output.trim()}\n`);
  }
}

const node = (script: string, ...args: string[]) => runStep(process.execPath, [script, ...args]);

await step('format and lint', () => node(BIOME, 'check', `--colors=${colour}`, '.'));
// Before the build, which makes it anew.
await step('what is generated of client-sdk is what the server says', () =>
  node(fromRoot('client-sdk', 'generate', 'main.ts'), '--check'),
);
// Programs are checked against the client's declarations, as its users compile them.
await step('build client-sdk', async () => {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    await buildClientSdk();
    return { ok: true, output: '', seconds: seconds() };
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error), seconds: seconds() };
  }
});
await step("client-sdk's public API is as written down", () =>
  node(fromRoot('client-sdk', 'checks', 'api', 'main.ts')),
);
await step('docs/API.md and docs/schema say what the contract says', () =>
  node(fromRoot('checks', 'contract-docs', 'main.ts'), '--check'),
);
await step('licences, checksums, pins and install scripts', () =>
  node(fromRoot('checks', 'supply-chain', 'main.ts'), '--offline'),
);
await step('client-sdk uses nothing that React Native lacks', () =>
  node(fromRoot('client-sdk', 'checks', 'react-native', 'main.ts')),
);
// Apps compile with what `npm run examples` installs for each.
const configs = globSync('**/tsconfig.json', {
  cwd: ROOT,
  exclude: (name) => /(^|\/)(node_modules|\..+|dist|examples\/apps)$/.test(name),
});
for (const config of configs.sort()) {
  const project = path.dirname(config);
  await step(`types of ${project}`, () => node(TSC, '-p', project, ...(process.stdout.isTTY ? ['--pretty'] : [])));
}

if (failed > 0) console.log(`${failed} of the checks failed`);
process.exitCode = failed > 0 ? 1 : 0;
