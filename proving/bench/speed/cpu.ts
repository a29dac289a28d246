/** CPU of workerd per request, for jobs of different sizes. The process runs D1, R2 and the queue as well, so this is more than the platform bills. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../../world/jobs.ts';
import { type Account, type Api, type Call, photosInput, range } from '../api.ts';
import type { Floor } from '../floor.ts';
import { CPU_UNITS } from '../limits.ts';
import type { Bench } from '../start.ts';
import { closedLoop, median } from './closed-loop.ts';
import { FLOOR_LETTERS, type FloorLetter, floorCalls, nameOfFloor, UNITS } from './floors.ts';
import type { Readings } from './rounds.ts';
import { cpuMs, PAUSE_MS, quiet, TOLD_MS } from './workerd-cpu.ts';

/** Jobs that a user of the pro plan has at a time. */
const JOBS = 3;
/** A dispatch, and the signatures beside it, with what follows them in workerd: milliseconds. */
const AFTERWARDS_MS = 300;

type Unit = FloorLetter | 'h';
type CpuFigure = { name: string; requests: number; cpuMs: number; floor: Unit };
/** `multiple`: of the CPU of its floor in the same round, the median of the rounds. */
export type CpuRow = CpuFigure & { multiple: number };
export type CpuRound = { floors: Map<FloorLetter, CpuFigure>; rows: CpuFigure[] };
/** Dispatches one after the other, and bare signatures, as many as one of them makes, before and after them. */
export type DispatchRound = { dispatches: number[]; signatures: number; bare: number[] };

const medianFigure = (figures: readonly CpuFigure[]): Pick<CpuRow, 'requests' | 'cpuMs'> => ({
  requests: figures.reduce((sum, { requests }) => sum + requests, 0),
  cpuMs: median(figures.map((one) => one.cpuMs)),
});

/** The same rows measured several times: the median of each. Floors are told in (a), the others in their own. */
export function cpuRows(rounds: readonly CpuRound[]): CpuRow[] {
  const all = rounds.map(({ floors, rows }) => ({ floors, rows: [...floors.values(), ...rows] }));
  return (all[0]?.rows ?? []).map(({ name, floor }) => {
    const found = all.flatMap(({ rows, floors }) =>
      rows
        .filter((row) => row.name === name)
        .map((row) => ({ row, unit: floor === 'h' ? undefined : floors.get(floor) })),
    );
    const multiple = median(found.map(({ row, unit }) => row.cpuMs / (unit?.cpuMs ?? Number.NaN)));
    return { name, floor, ...medianFigure(found.map(({ row }) => row)), multiple };
  });
}

export const cpuReadings = ({ floors }: CpuRound): Readings =>
  Object.fromEntries(UNITS.map((letter) => [letter, [floors.get(letter)?.cpuMs ?? Number.NaN]]));

export const dispatchReadings = ({ bare }: DispatchRound): Readings => ({ h: bare });

export function dispatchRows(rounds: readonly DispatchRound[], photos: number): CpuRow[] {
  const { signatures = 0 } = rounds[0] ?? {};
  const row = (name: string, floor: Unit, figures: (round: DispatchRound) => number[]): CpuRow => {
    const each = rounds.flatMap(figures);
    const multiple = median(rounds.map((round) => median(figures(round)) / median(round.bare)));
    return { name, requests: each.length, cpuMs: median(each), floor, multiple };
  };
  return [
    row(`floor (h) ${signatures} bare signatures in the same isolate`, 'h', ({ bare }) => bare),
    row(`dispatch of ${photos} photos (queue consumer)`, CPU_UNITS.dispatch, ({ dispatches }) => dispatches),
  ];
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

  async rows(photos: number): Promise<CpuFigure[]> {
    const [first, again] = await this.#gets(photos);
    return [
      await this.#measure('jobs.create', `jobs.create, ${photos} photos`, await this.#creates(photos), TOLD_MS),
      await this.#measure('jobs.get', `jobs.get all done, ${photos} photos`, again),
      await this.#measure('jobs.get', `the same, first poll of a job of ${photos}`, first),
      await this.#measure('callback', `callback, ${photos} photos`, await this.#callbacks(photos)),
    ];
  }

  /** The queue and its consumer: from the answer to `execute` to the provider's call, and what follows it. */
  async dispatch(photos: number): Promise<DispatchRound> {
    const jobs = await this.#api.onSamePhotos(photos);
    await quiet(this.#bench.pid, TOLD_MS);
    const round: DispatchRound = { dispatches: [], signatures: 0, bare: [] };
    for (const job of jobs) {
      // On a quiet service jobs come one at a time.
      await quiet(this.#bench.pid, PAUSE_MS);
      await this.#api.jobs.execute(job);
      const before = cpuMs(this.#bench.pid);
      const { message } = await this.#bench.gpu.dispatchOf(job.jobId);
      await sleep(AFTERWARDS_MS);
      round.dispatches.push(cpuMs(this.#bench.pid) - before);
      round.signatures = JSON.stringify(message).split('X-Amz-Signature=').length - 1;
      round.bare.push(await this.#bareSignatures(round.signatures));
    }
    return round;
  }

  /** As many signatures as a dispatch has, and nothing else, where it makes them (workers/signing.ts). */
  async #bareSignatures(count: number): Promise<number> {
    await quiet(this.#bench.pid, PAUSE_MS);
    const before = cpuMs(this.#bench.pid);
    await this.#api.send(`/__signatures?count=${count}`);
    await sleep(AFTERWARDS_MS);
    return cpuMs(this.#bench.pid) - before;
  }

  async #measure(unit: keyof typeof CPU_UNITS, name: string, calls: Call[], rest = PAUSE_MS): Promise<CpuFigure> {
    await quiet(this.#bench.pid, rest);
    const before = cpuMs(this.#bench.pid);
    const { requests } = await closedLoop(calls, 1);
    return { name, requests, cpuMs: (cpuMs(this.#bench.pid) - before) / requests, floor: CPU_UNITS[unit] };
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

/** CPU of the floor Worker's process. */
export async function floorCpu(floor: Floor, times: number): Promise<CpuRound['floors']> {
  const figures: CpuRound['floors'] = new Map();
  for (const letter of FLOOR_LETTERS) {
    const calls = floorCalls(floor, letter, times);
    await closedLoop(calls, 1);
    const before = cpuMs(floor.pid);
    const { requests } = await closedLoop(calls, 1);
    const used = (cpuMs(floor.pid) - before) / requests;
    figures.set(letter, { name: nameOfFloor(letter), requests, cpuMs: used, floor: 'a' });
  }
  return figures;
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
