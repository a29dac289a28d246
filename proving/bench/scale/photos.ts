/** Jobs of growing size: what each uses, and how long its calls take. */
import { type Job, range } from '../api.ts';
import { runJob, type Usage } from '../cost/run-job.ts';
import { closedLoop, median } from '../speed/closed-loop.ts';
import type { Bench } from '../start.ts';
import type { Series } from './series.ts';

const COUNTED: [string, keyof Usage][] = [
  ['HTTP requests', 'httpRequests'],
  ['object requests', 'objectRequests'],
  ['object rows read', 'objectRowsRead'],
  ['object rows written', 'objectRowsWritten'],
  ['D1 rows read', 'd1RowsRead'],
  ['D1 rows written', 'd1RowsWritten'],
  ['D1, bytes', 'd1Bytes'],
  ['R2 GB-days', 'r2GbDays'],
  ['queue message, bytes', 'queueMessageBytes'],
  ['CPU ms of workerd', 'cpuMs'],
];

export async function byPhotos(bench: Bench, sizes: number[], calls: number): Promise<Series[]> {
  const account = await bench.api.signUpPro();
  await runJob(bench, account, { photos: 1, perCallback: 1, evicted: false });
  const usages: Usage[] = [];
  const timed: Record<string, number>[] = [];
  for (const photos of sizes) {
    console.log(`${photos} photos`);
    usages.push(await runJob(bench, account, { photos, perCallback: 1, evicted: false }));
    timed.push(await timesOf(bench, photos, calls));
  }
  return [
    ...COUNTED.map(([name, key]) => ({ name, at: sizes, values: usages.map((usage) => usage[key]) })),
    ...Object.keys(timed[0] ?? {}).map((name) => ({
      name: `${name}, p50 ms`,
      at: sizes,
      values: timed.map((times) => times[name] ?? Number.NaN),
    })),
  ];
}

/** A user has three jobs at a time: creates come three to an account. */
const JOBS = 3;

async function timesOf({ api }: Bench, photos: number, calls: number): Promise<Record<string, number>> {
  const creates: number[] = [];
  let last: Job | undefined;
  for (let made = 0; made < calls; made += JOBS) {
    const account = await api.signUpPro();
    for (const _ of range(0, JOBS)) {
      const sent = performance.now();
      last = await api.jobs.at('created', account, photos);
      creates.push(performance.now() - sent);
    }
  }
  if (last === undefined) throw new Error('no job was made');
  const account = await api.signUpPro();
  const job = await api.jobs.at('running', account, photos);
  const { token } = job;
  const callbacks = range(0, photos - 1).map((idx) => api.callbackCall(job, token, [idx]));
  const callback = callbacks.length === 0 ? Number.NaN : (await closedLoop(callbacks, 1)).p50;
  const get = api.queryCall('jobs.get', { jobId: job.jobId }, account.token);
  const list = api.queryCall('jobs.list', {}, account.token);
  const repeat = async (call: typeof get) =>
    (
      await closedLoop(
        range(0, calls).map(() => call),
        1,
      )
    ).p50;
  return {
    'jobs.create': median(creates),
    'jobs.get, all but one done': await repeat(get),
    'jobs.list, one live job': await repeat(list),
    callback,
  };
}
