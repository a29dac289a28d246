// Settings from the environment, checked: a wrong one is an error that names it.

import { availableParallelism } from 'node:os';

export interface Settings {
  /** 0 = any free port */
  readonly port: number;
  readonly host: string;
  /** bearer key for every route but GET /health; undefined = open */
  readonly apiKey: string | undefined;
  /** jobs at once */
  readonly concurrency: number;
  /** threads that decode, segment and paint */
  readonly threads: number;
  /** results per callback */
  readonly callbackBatch: number;
}

function integer(env: NodeJS.ProcessEnv, name: string, otherwise: number, low: number, high: number): number {
  const value = env[name];
  if (value === undefined || value === '') return otherwise;
  const n = Number(value);
  if (!Number.isInteger(n) || n < low || n > high) throw new Error(`${name} must be an integer from ${low} to ${high}`);
  return n;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    port: integer(env, 'PORT', 8790, 0, 65_535),
    host: env.HOST || '127.0.0.1',
    apiKey: env.GPU_API_KEY || undefined,
    concurrency: integer(env, 'WORKER_CONCURRENCY', 2, 1, 64),
    threads: integer(env, 'WORKER_THREADS', Math.min(4, availableParallelism()), 1, 64),
    callbackBatch: integer(env, 'CALLBACK_BATCH', 1, 1, 200),
  };
}
