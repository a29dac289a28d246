/** The reference GPU worker as a child process. */
import { fromRoot } from '../paths.ts';
import type { Children } from './children.ts';

/** How long it may take to listen, in milliseconds. */
const START_TIMEOUT = 20_000;

/** Starts examples/gpu-worker on 127.0.0.1; port 0 takes any free one. */
export async function startReferenceGpu(
  children: Children,
  options: { port: number; apiKey: string },
): Promise<{ url: string; pid: number; ended: Promise<string> }> {
  const env = { ...process.env, PORT: String(options.port), HOST: '127.0.0.1', GPU_API_KEY: options.apiKey };
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
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, ended };
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
