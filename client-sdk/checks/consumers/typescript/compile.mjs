import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const WAYS = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
let failed = 0;
for (const version of ['5.4', '5.9', '7']) {
  for (const [name, way] of Object.entries(WAYS)) {
    // Version 7 knows no `node10` any more.
    if (version === '7' && name === 'node10') continue;
    const files = version === '5.4' ? ['app.ts'] : ['app.ts', 'trpc.ts'];
    // What tRPC's own types need besides.
    const lib = ['es2022', 'dom', 'dom.iterable', ...(version === '5.4' ? [] : ['esnext.disposable'])];
    const compilerOptions = { ...way, strict: true, target: 'es2022', lib, types: [], noEmit: true };
    writeFileSync('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const tsc = `node_modules/typescript${version === '7' ? '' : `-${version}`}/bin/tsc`;
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { encoding: 'utf8' });
    console.log(`${status === 0 ? 'compiles' : 'ERRORS'}: TypeScript ${version}, ${name}\n${stdout}`.trim());
    if (status !== 0) failed += 1;
  }
}
process.exitCode = failed;
