/** `npm run deploy`: `wrangler deploy`, as production whatever the shell's NODE_ENV says: the Worker checks its secrets by it. */
import { spawn } from 'node:child_process';
import { ROOT, WRANGLER } from './paths.ts';

const { NODE_ENV: _, ...env } = process.env;
const child = spawn(process.execPath, [WRANGLER, 'deploy', ...process.argv.slice(2)], {
  cwd: ROOT,
  env,
  stdio: 'inherit',
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
