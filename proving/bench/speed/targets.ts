/** What is measured: each target makes the calls of one run beforehand, so that only they are timed. */
import { type Account, type Api, type Call, type Job, photosInput, range } from '../api.ts';
import type { LATENCY_LIMITS } from '../limits.ts';

export type Target = {
  name: keyof typeof LATENCY_LIMITS;
  /** Whether it changes users, or preparing it does: their objects have something to do a moment later. */
  changesUsers?: true;
  /** As many calls as asked for, each to be sent once. */
  prepare(count: number): Promise<Call[]>;
};

const repeat = (count: number, call: Call): Call[] => Array.from({ length: count }, () => call);
const same = (name: Target['name'], call: () => Call | Promise<Call>): Target => ({
  name,
  prepare: async (count) => repeat(count, await call()),
});

/** Accounts that sign up beside each other; the timed calls come later. */
export async function signUps(api: Api, count: number): Promise<Account[]> {
  const accounts: Account[] = [];
  for (let at = 0; at < count; at += 16) {
    accounts.push(...(await Promise.all(range(at, Math.min(count, at + 16)).map(() => api.signUp()))));
  }
  return accounts;
}

const RULE = { name: 'oak', presetId: 'interior', concepts: { Floor: { action: 'recolor', value: 'oak' } } };
/** Rule slots of the free plan, and the photos that its credits pay for. */
const FREE = { ruleSlots: 2, photos: 10 };

export async function serviceTargets(api: Api): Promise<Target[]> {
  const { token } = await api.signUp();
  const withRules = await api.signUp();
  for (let n = 0; n < FREE.ruleSlots; n++) await api.mutate('rules.create', RULE, { token: withRules.token });
  const running = await jobAtWork(api);
  return [
    same('GET /health', () => ({ url: `${api.production.url}/health` })),
    same('presets.list', () => api.queryCall('presets.list', undefined)),
    same('user.me', () => api.queryCall('user.me', undefined, token)),
    same('auth.anon', () => api.mutationCall('auth.anon', {})),
    same('rules.list', () => api.queryCall('rules.list', undefined, withRules.token)),
    {
      name: 'rules.create',
      changesUsers: true,
      prepare: async (count) => {
        const accounts = await signUps(api, Math.ceil(count / FREE.ruleSlots));
        const calls = accounts.map((account) => api.mutationCall('rules.create', RULE, account.token));
        return calls.flatMap((call) => repeat(FREE.ruleSlots, call)).slice(0, count);
      },
    },
    {
      name: 'jobs.create, 10 photos',
      changesUsers: true,
      prepare: async (count) => {
        const input = photosInput(FREE.photos);
        return (await signUps(api, count)).map((account) => api.mutationCall('jobs.create', input, account.token));
      },
    },
    same('jobs.get, 9 of 10 done', () => api.queryCall('jobs.get', { jobId: running.jobId }, running.owner.token)),
    { name: 'callback', changesUsers: true, prepare: (count) => callbacks(api, count) },
  ];
}

/** Ten photos, nine of them done. */
async function jobAtWork(api: Api): Promise<Job> {
  const job = await api.jobs.at('running', await api.signUp(), 10);
  await api.ask(api.callbackCall(job, job.token, range(0, 9)));
  return job;
}

/** Photos of the largest job. */
const LARGEST = 200;

/** One photo each, of jobs that the provider has taken. The last photo of a job stays open: settling is another thing. */
async function callbacks(api: Api, count: number): Promise<Call[]> {
  const calls: Call[] = [];
  while (calls.length < count) {
    const jobs = await api.onSamePhotos(LARGEST);
    for (const job of jobs) await api.jobs.execute(job);
    for (const job of jobs) {
      const { token } = await api.jobs.dispatched(job);
      for (const idx of range(0, LARGEST - 1)) calls.push(api.callbackCall(job, token, [idx]));
    }
  }
  return calls.slice(0, count);
}
