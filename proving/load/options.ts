/** What `npm run load -- …` was asked to do. */
import { flag, oneOf, optionsOf, text, whole, within } from '../../start/options.ts';

export const USAGE = `npm run load -- [options]

  --jobs N         jobs in all (1000)
  --users N        users that share them (200)
  --photos N       photos in a job (10)
  --kill N         SIGKILL to the whole stack N times during the load, and started again each time (0)
  --seed TEXT      replays what the GPU worker, the clients and the kills do; left out: a new one, printed at the start
  --parallel N     jobs under way at once (32; 40 with --kill, after which many wait)
  --provider P     how the Worker calls the GPU worker: runpod or http; left out: runpod, and both in turns with --kill
  --keep           keep the stored state (databases and bucket) for looking into
  --help`;

const PROVIDERS = ['runpod', 'http'] as const;
export type Provider = (typeof PROVIDERS)[number];
export type Options = ReturnType<typeof parseOptions>;

/** Throws an error with the usage for an option that does not exist or makes no sense. */
export function parseOptions(args: string[]) {
  const { jobs, users, parallel, seed, ...rest } = optionsOf(OPTIONS, args, USAGE);
  return {
    ...rest,
    jobs,
    users: within('users', users ?? Math.min(200, Math.ceil(jobs / 5)), 1, jobs),
    parallel: parallel ?? (rest.kill > 0 ? 40 : 32),
    seed: seed ?? String(Math.floor(Math.random() * 1_000_000)),
  };
}

const OPTIONS = {
  jobs: whole(1000, 1, 100_000),
  users: whole(null, 1, 100_000),
  photos: whole(10, 1, 200),
  kill: whole(0, 0, 1000),
  seed: text(null),
  parallel: whole(null, 1, 1000),
  provider: oneOf(PROVIDERS, null),
  keep: flag(),
  help: flag('h'),
};
