/** What bench and cost run against: the production bundle, a GPU provider that takes everything, and stored state in memory. */
import { existsSync } from 'node:fs';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { type Production, startProduction } from '../../start/local/production.ts';
import { serve } from '../../start/local/serve.ts';
import { Provider } from '../world/gpu.ts';
import { Api } from './api.ts';
import { countInMemory } from './limiter-plugin.ts';
import { workerdPids } from './speed/workerd-cpu.ts';

/** Ceilings and rate limits guard against abuse, which is what a benchmark looks like. */
const UNLIMITED = {
  SIGNUP_LIMIT_PER_MINUTE: '1000000000',
  MUTATION_LIMIT_PER_MINUTE: '1000000000',
  SIGNUP_DAILY_CREDITS: '1000000000',
  SIGNUP_ADDRESS_DAILY_CREDITS: '1000000000',
  SIGNUP_ADDRESS_HOURLY: '1000000000',
  GPU_DAILY_PHOTOS: '1000000000',
};

/** For what is told of a job as a whole, and for dispatches of every size. */
export const IN_ONE_RUN = { GPU_RUN_FIRST_PHOTOS: '200', GPU_RUN_PHOTOS: '200' };

/** Alarms that look after a job once it is over would count for the jobs after it. */
const LATE_ALARMS = { JOB_EFFECT_GRACE_MS: '300000', HOLD_CHECK_MS: '86400000' };

export type Bench = {
  api: Api;
  /** Takes every run and does nothing: the door at which the time from `execute` is stopped. */
  gpu: Provider;
  production: Production;
  /** The process that serves it. */
  pid: number;
  stop(): Promise<void>;
};

/** Where stored state lies in memory, so that a disk that others use does not show in the figures. */
export const inMemory = (name: string): TemporaryFolder =>
  temporaryFolder(`s3-${name}-`, existsSync('/dev/shm') ? '/dev/shm' : undefined);

type BenchOptions = {
  entry?: string;
  besides?: string[];
  /** Settings by name, besides those that are out of the way. */
  vars?: Record<string, string>;
  /** Who counts against the rate limits: the Worker's own memory as on the platform, unless told, or Miniflare's object on disk. */
  limiter?: 'memory' | 'disk';
};

export async function startBench({ limiter = 'memory', ...options }: BenchOptions = {}): Promise<Bench> {
  const gpu = new Provider();
  const door = await serve((request, at) => gpu.answer(request, at));
  const folder = inMemory('bench');
  const before = workerdPids();
  const vars = { ...UNLIMITED, ...LATE_ALARMS, ...options.vars, GPU_URL: door.url };
  const adjust = limiter === 'memory' ? countInMemory : undefined;
  const production = await startProduction({ ...options, adjust, vars, persistTo: folder.path, inspect: false });
  const api = new Api(production, gpu);
  const pid = workerdPids().find((one) => !before.includes(one));
  if (pid === undefined) throw new Error('no workerd process was found in /proc');
  const stop = async () => {
    api.http.close();
    await production.stop();
    door.close();
    folder.remove();
  };
  return { api, gpu, production, pid, stop };
}
