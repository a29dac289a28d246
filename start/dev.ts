/**
 * `npm run dev`: the whole system on this machine, until Ctrl-C.
 *
 * PORT          the API's port; 8787 when left out. The bucket for pages on other origins is served two above it
 * GPU=none      no GPU worker: messages go to the port after the API's
 * GPU_WORKERS=n n reference workers, each a process that starts when it is needed, behind a queue that behaves as Runpod's does
 * GPU_URL       a GPU worker that runs elsewhere, with GPU_API_KEY; GPU_PROVIDER says how to talk to it, `http` or `runpod`
 */
import { globSync, rmSync } from 'node:fs';
import path from 'node:path';
import { SCHEMA_VERSIONS } from '../server/src/durable-objects/schema-versions.ts';
import { buildStudio } from '../studio/build/if-stale.ts';
import { formatLine } from './dev-log.ts';
import { endInOrderWhenInterrupted } from './ending.ts';
import { devVars } from './local/dev-vars.ts';
import { keepOrPutAside } from './local/kept-state.ts';
import { type StackOptions, startStack } from './local/stack.ts';
import { claimState } from './local/state-claim.ts';
import { buildPanel } from './panel/if-stale.ts';
import { fromRoot, GENERATED } from './paths.ts';
import { workersAsked } from './provider/local.ts';

const LOG = path.join(GENERATED, 'dev.log');
const STATE = path.join(GENERATED, 'state');

// A signal is how it is meant to end.
const interrupted = endInOrderWhenInterrupted(0);
let up = false;

try {
  await start();
} catch (error) {
  if (!interrupted.aborted) {
    console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const port = portOf(process.env.PORT || '8787');
  rmSync(LOG, { force: true });
  keepState();
  const site = { studio: await made('studio', buildStudio), panel: await made('panel', buildPanel) };
  const stack = await startStack({
    port,
    persistTo: STATE,
    storagePort: port + 2,
    ...gpuOptions(),
    // A local queue forgets what it holds when it is killed: the lease is what brings its jobs back.
    vars: { JOB_LEASE_MS: process.env.JOB_LEASE_MS ?? '60000', CORS_ORIGINS: devVars().CORS_ORIGINS ?? '*' },
    site,
    logFile: LOG,
    onLine: (source, line) => {
      const text = up && !interrupted.aborted ? formatLine(source, line) : null;
      if (text !== null) console.log(text);
    },
  });
  const { baseUrl, gpuUrl, health, pids } = stack;
  console.log(`
  Studio      ${site.studio ? baseUrl : 'not available'}
  API         ${baseUrl}/trpc
  Panel       ${site.panel ? `${baseUrl}/panel` : 'not available'}
  Health      ${baseUrl}/health${health.status === 200 ? '' : `  answers ${health.status}: ${JSON.stringify(health.body)}`}
  GPU worker  ${gpuUrl}${gpuNote(pids.gpu)}
  Secrets     .dev.vars      State  .wrangler/state      Log  .wrangler/dev.log

  Ctrl-C stops everything.
`);
  up = true;
  const reason = await stack.ended;
  await stack.stop();
  throw new Error(reason);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT=${text} is not a port: 1 to 65535`);
  return port;
}

function gpuNote(pid: number | null): string {
  const workers = workersAsked(process.env);
  if (workers !== null) return `  (${workers} of them, as they are needed)`;
  return pid === null ? '  (not started by us)' : '';
}

function gpuOptions(): Pick<StackOptions, 'gpu' | 'gpuProvider' | 'gpuWorkers'> {
  const { GPU, GPU_URL, GPU_API_KEY, GPU_PROVIDER } = process.env;
  if (GPU_PROVIDER && GPU_PROVIDER !== 'http' && GPU_PROVIDER !== 'runpod') {
    throw new Error(`GPU_PROVIDER=${GPU_PROVIDER} is neither http nor runpod`);
  }
  const provider: Pick<StackOptions, 'gpuProvider'> =
    GPU_PROVIDER === 'runpod' || GPU_PROVIDER === 'http' ? { gpuProvider: GPU_PROVIDER } : {};
  const gpuWorkers = workersAsked(process.env);
  if (gpuWorkers !== null && (GPU_URL || GPU === 'none' || GPU_PROVIDER)) {
    throw new Error('GPU_WORKERS is for reference workers of this machine: without GPU_URL, GPU_PROVIDER and GPU=none');
  }
  if (GPU_URL) return { ...provider, gpu: { url: GPU_URL, ...(GPU_API_KEY ? { apiKey: GPU_API_KEY } : {}) } };
  if (GPU && GPU !== 'none' && GPU !== 'reference') throw new Error(`GPU=${GPU} is neither none nor reference`);
  return { ...provider, gpuWorkers, gpu: GPU === 'none' ? 'none' : 'reference' };
}

/** Objects of another checkout may be beyond what this one's migrations lead from. */
function keepState(): void {
  claimState(STATE);
  const aside = keepOrPutAside(STATE, {
    ...SCHEMA_VERSIONS,
    d1: globSync('*.sql', { cwd: fromRoot('migrations') }).length,
  });
  if (aside !== null) console.log(`What another version of the code had stored is now in ${path.relative('', aside)}`);
}

/** Development of the API goes on without a page that cannot be made. */
async function made(name: string, make: () => Promise<string>): Promise<string | null> {
  try {
    return await make();
  } catch (error) {
    console.error(`The ${name} is not available: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
