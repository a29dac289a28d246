/** GPU_WORKERS=n: the provider front before n reference workers, each a process of its own. */
import { availableParallelism } from 'node:os';
import type { Children } from '../local/children.ts';
import { serve } from '../local/serve.ts';
import { doorOf } from './door.ts';
import { ProviderFront } from './front.ts';
import { referenceWorker } from './reference-worker.ts';

/** More than that is no help to anybody on one machine. */
const MOST_WORKERS = 16;

/** What GPU_WORKERS says; null where it says nothing. Throws when it is no number of workers. */
export function workersAsked({ GPU_WORKERS }: NodeJS.ProcessEnv): number | null {
  if (GPU_WORKERS === undefined || GPU_WORKERS === '') return null;
  const count = Number(GPU_WORKERS);
  if (!Number.isInteger(count) || count < 1 || count > MOST_WORKERS) {
    throw new Error(`GPU_WORKERS=${GPU_WORKERS} is no number of workers: 1 to ${MOST_WORKERS}`);
  }
  return count;
}

/** Which photos of which job; nothing of what is no message, which the worker refuses. */
function aboutOf(input: unknown): object {
  const { job_id, attempt, items } = input as { job_id?: unknown; attempt?: unknown; items?: unknown };
  return { job_id, attempt, photos: Array.isArray(items) ? items.length : null };
}

/** What the front tells, as a line of the stack's log. */
export const lineOf = (event: string, fields: object): string =>
  JSON.stringify({ event: `provider.${event}`, ...fields });

export type LocalProvider = { url: string; close(): Promise<void> };

export async function startLocalProvider(
  children: Children,
  { workers, apiKey, port }: { workers: number; apiKey: string; port: number },
): Promise<LocalProvider> {
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  const log = (event: string, fields: object) => children.say('gpu', lineOf(event, fields));
  const front = new ProviderFront({
    workers: Array.from({ length: workers }, () => referenceWorker(children, threads)),
    about: aboutOf,
    log,
  });
  const door = await serve(doorOf({ front, apiKey }), port);
  const close = () => {
    door.close();
    return front.close();
  };
  return { url: door.url, close };
}
