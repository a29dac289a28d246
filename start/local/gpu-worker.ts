/** The reference GPU worker as a child process. */
import { fromRoot } from '../paths.ts';
import type { Children } from './children.ts';

/** How long it may take to listen, in milliseconds. */
const START_TIMEOUT = 20_000;

export type ReferenceGpu = {
  url: string;
  pid: number;
  /** Resolves, with the reason in words, when it has ended; never rejects. */
  ended: Promise<string>;
  /** Asks it to end. */
  end(): void;
};

/** Starts examples/gpu-worker on 127.0.0.1; port 0 takes any free one. */
export async function startReferenceGpu(
  children: Children,
  options: { port: number; apiKey: string; threads?: number },
): Promise<ReferenceGpu> {
  const { port: wanted, apiKey, threads } = options;
  const known = { ...process.env, PORT: String(wanted), HOST: '127.0.0.1', GPU_API_KEY: apiKey };
  const env = threads === undefined ? known : { ...known, WORKER_THREADS: String(threads) };
  const child = children.start('gpu', process.execPath, [fromRoot('examples', 'gpu-worker', 'src', 'main.ts')], env);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error('the GPU worker did not listen in time')), START_TIMEOUT);
  child.onLine((line) => {
    const found = listeningPort(line);
    if (found !== null) resolve(found);
  });
  const ended = child.exited.then(({ code, signal }) => `the GPU worker ended with ${code ?? signal}`);
  void ended.then((reason) => reject(new Error(reason)));
  const port = await promise.finally(() => clearTimeout(timer));
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, ended, end: child.end };
}

/** It says `{"event":"listening","port":N}` once it takes requests. */
function listeningPort(line: string): number | null {
  if (!line.startsWith('{')) return null;
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null || !('event' in said) || said.event !== 'listening') return null;
    return 'port' in said && typeof said.port === 'number' ? said.port : null;
  } catch {
    return null;
  }
}
