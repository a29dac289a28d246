/** CPU of workerd per request, for jobs of different sizes. The process runs D1, R2 and the queue as well, so this is more than the platform bills. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../../world/jobs.ts';
import { type Account, type Api, type Call, photosInput, range } from '../api.ts';
import type { Floor } from '../floor.ts';
import type { Bench } from '../start.ts';
import { closedLoop, median } from './closed-loop.ts';
import { FLOOR_TARGETS } from './targets.ts';
import { cpuMs, PAUSE_MS, quiet, TOLD_MS } from './workerd-cpu.ts';

/** Jobs that a user of the pro plan has at a time. */
const JOBS = 3;

export type CpuRow = { name: string; requests: number; cpuMs: number };

/** The same rows measured several times: the median of each. */
export function medianRows(rounds: readonly CpuRow[][]): CpuRow[] {
  return (rounds[0] ?? []).map(({ name }) => {
    const same = rounds.flat().filter((row) => row.name === name);
    const requests = same.reduce((sum, row) => sum + row.requests, 0);
    return { name, requests, cpuMs: median(same.map((row) => row.cpuMs)) };
  });
}

export class CpuBench {
  readonly #bench: Bench;
  readonly #api: Api;
  /** Requests a row, roughly. */
  readonly #size: number;

  constructor(bench: Bench, size: number) {
    this.#bench = bench;
    this.#api = bench.api;
    this.#size = size;
  }

  async rows(photos: number): Promise<CpuRow[]> {
    const [first, again] = await this.#gets(photos);
    return [
      await this.#measure(`jobs.create, ${photos} photos`, await this.#creates(photos), TOLD_MS),
      await this.#measure(`jobs.get all done, ${photos} photos`, again),
      await this.#measure(`the same, first poll of a job of ${photos}`, first),
      await this.#measure(`callback, ${photos} photos`, await this.#callbacks(photos)),
    ];
  }

  /** The queue and its consumer: from the answer to `execute` to the provider's call, and what follows it. */
  async dispatch(photos: number, rounds: number): Promise<CpuRow> {
    const figures: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const jobs = await this.#api.onSamePhotos(photos);
      await quiet(this.#bench.pid, TOLD_MS);
      for (const job of jobs) {
        // On a quiet service jobs come one at a time.
        await quiet(this.#bench.pid, PAUSE_MS);
        await this.#api.jobs.execute(job);
        const before = cpuMs(this.#bench.pid);
        await this.#bench.gpu.dispatchOf(job.jobId);
        await sleep(300);
        figures.push(cpuMs(this.#bench.pid) - before);
      }
    }
    const name = `dispatch of ${photos} photos (queue consumer)`;
    return { name, requests: figures.length, cpuMs: median(figures) };
  }

  async #measure(name: string, calls: Call[], rest = PAUSE_MS): Promise<CpuRow> {
    await quiet(this.#bench.pid, rest);
    const before = cpuMs(this.#bench.pid);
    const { requests } = await closedLoop(calls, 1);
    return { name, requests, cpuMs: (cpuMs(this.#bench.pid) - before) / requests };
  }

  async #accounts(count: number): Promise<Account[]> {
    const accounts: Account[] = [];
    while (accounts.length < count) accounts.push(await this.#api.signUpPro());
    return accounts;
  }

  async #creates(photos: number): Promise<Call[]> {
    const input = photosInput(photos);
    const accounts = await this.#accounts(Math.ceil(this.#size / JOBS));
    return accounts.flatMap(({ token }) =>
      range(0, JOBS).map(() => this.#api.mutationCall('jobs.create', input, token)),
    );
  }

  async #running(photos: number): Promise<Running[]> {
    const jobs = await this.#api.onSamePhotos(photos);
    for (const job of jobs) await this.#api.jobs.execute(job);
    return Promise.all(jobs.map((job) => this.#api.jobs.dispatched(job)));
  }

  /** The first poll of each of three ended jobs, and then many more. */
  async #gets(photos: number): Promise<[first: Call[], again: Call[]]> {
    const running = await this.#running(photos);
    for (const job of running) await this.#api.jobs.finish(job);
    const calls = running.map((job) => this.#api.queryCall('jobs.get', { jobId: job.jobId }, job.owner.token));
    const [one] = calls;
    if (one === undefined) throw new Error('no job has ended');
    // The first job is the one that is polled again and again; the others are seen for the first time after it.
    return [calls.slice(1), Array.from({ length: this.#size }, () => one)];
  }

  /** All photos but the last of each job. */
  async #callbacks(photos: number): Promise<Call[]> {
    const calls: Call[] = [];
    while (calls.length < this.#size) {
      for (const job of await this.#running(photos)) {
        calls.push(...range(0, photos - 1).map((idx) => this.#api.callbackCall(job, job.token, [idx])));
      }
    }
    return calls.slice(0, this.#size);
  }
}

/** CPU of the floor Worker's process, for comparison. */
export async function floorCpu({ url, pid }: Floor, times: number): Promise<CpuRow[]> {
  const rows: CpuRow[] = [];
  for (const [name, path] of FLOOR_TARGETS) {
    const calls = Array.from({ length: times }, () => ({ url: `${url}${path}` }));
    await closedLoop(calls, 1);
    const before = cpuMs(pid);
    const { requests } = await closedLoop(calls, 1);
    rows.push({ name, requests, cpuMs: (cpuMs(pid) - before) / requests });
  }
  return rows;
}

/** From sending `execute` to the provider's door, milliseconds, one job after the other. */
export async function executeToProvider({ api, gpu }: Bench, times: number): Promise<number[]> {
  const account = await api.signUpPro();
  const first = await api.jobs.at('uploaded', account, 10);
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const job = await api.jobs.at('created', account, 10, { from: { jobId: first.jobId } });
    const sent = performance.now();
    await api.jobs.execute(job);
    taken.push((await gpu.dispatchOf(job.jobId)).at - sent);
    await api.mutate('jobs.cancel', { jobId: job.jobId }, { token: account.token });
  }
  return taken;
}
