/** What `npm run load -- …` was asked to do. */
import { FLAG, optionsOf, TEXT, whole } from '../world/options.ts';

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

export type Provider = 'runpod' | 'http';
export type Options = {
  jobs: number;
  users: number;
  photos: number;
  kill: number;
  seed: string;
  parallel: number;
  provider: Provider | null;
  keep: boolean;
  help: boolean;
};

/** Throws an error with the usage for an option that does not exist or makes no sense. */
export function parseOptions(args: string[]): Options {
  return optionsOf(USAGE, args, OPTIONS, read);
}

const OPTIONS = {
  jobs: TEXT,
  users: TEXT,
  photos: TEXT,
  kill: TEXT,
  seed: TEXT,
  parallel: TEXT,
  provider: TEXT,
  keep: FLAG,
  help: { ...FLAG, short: 'h' },
} as const;

type Given = { [name in Exclude<keyof typeof OPTIONS, 'keep' | 'help'>]?: string } & { keep: boolean; help: boolean };

function read(values: Given): Options {
  const jobs = whole('jobs', values.jobs, 1000, 1, 100_000);
  const kill = whole('kill', values.kill, 0, 0, 1000);
  return {
    jobs,
    users: whole('users', values.users, Math.min(200, Math.ceil(jobs / 5)), 1, jobs),
    photos: whole('photos', values.photos, 10, 1, 200),
    kill,
    seed: values.seed ?? String(Math.floor(Math.random() * 1_000_000)),
    parallel: whole('parallel', values.parallel, kill > 0 ? 40 : 32, 1, 1000),
    provider: providerOf(values.provider),
    keep: values.keep,
    help: values.help,
  };
}

function providerOf(text: string | undefined): Provider | null {
  if (text === undefined || text === 'runpod' || text === 'http') return text ?? null;
  throw new Error('--provider is runpod or http');
}
