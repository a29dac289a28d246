/** One job of the test server: the server's own, with memory, the test's clock and the scripted GPU worker in place of the platform. */
import { outputTypeOf, type QueueMessage } from '../../../server/src/contract/gpu-message.ts';
import type { JobState } from '../../../server/src/domain/job/state.ts';
import { formatOf } from '../../../server/src/domain/presets.ts';
import { ok } from '../../../server/src/domain/result.ts';
import { JobCoordinator } from '../../../server/src/durable-objects/job-coordinator/coordinator.ts';
import { type Call, notFound } from '../../../server/src/durable-objects/job-coordinator/owner-calls.ts';
import type {
  JobPorts,
  Limits,
  Line,
  Outside,
  UserOfJob,
} from '../../../server/src/durable-objects/job-coordinator/ports.ts';
import { exportOf, type JobExport, snapshotOf } from '../../../server/src/durable-objects/job-coordinator/view.ts';
import { NextAlarm } from '../../../server/src/durable-objects/next-alarm.ts';
import { deleteUnder } from '../../../server/src/storage/deletion.ts';
import { listInputs, lookAtEnd } from '../../../server/src/storage/inventory.ts';
import { MemoryStore } from './job-store.ts';
import type { Surroundings } from './surroundings.ts';

/** Photos that the GPU worker is told to work on at once. */
const BATCH_CONCURRENCY = 4;
/** Nothing here takes any time: a limit that is never reached. Milliseconds. */
const LONG_MS = 60_000;
/** Any number of keys fits into it. */
const BATCHES = 20;

/** Of a user that was deleted: nothing of his jobs is counted any more. */
const NOBODY: UserOfJob = {
  settle: async () => ok({ credits: 0, version: 0 }),
  freeSlot: async () => {},
  unsent: async () => {},
  claimPhotos: async () => notFound(),
  hasEnded: async () => false,
  forgetJob: async () => {},
};

export class TestJob {
  readonly userId: string;
  readonly owner: JobCoordinator['owner'];
  readonly gpu: JobCoordinator['gpu'];
  readonly inside: JobCoordinator['inside'];
  readonly watchers: JobCoordinator['watchers'];
  /** The server's ends of the sockets that watch it. */
  readonly lines = new Set<Line>();
  readonly #world: Surroundings;
  readonly #store = new MemoryStore();
  readonly #alarm: NextAlarm;
  readonly #job: JobCoordinator;
  /** What history tells of it. */
  #past: JobExport | null = null;
  #disarm = () => {};

  constructor(world: Surroundings, jobId: string, userId: string) {
    this.#world = world;
    this.userId = userId;
    const clock = { ...world.timing, wait: () => Promise.resolve() };
    const log = () => {};
    const host = { id: jobId, storage: this.#alarmClock(), blockConcurrencyWhile: () => Promise.resolve() };
    this.#alarm = new NextAlarm(host, true, () => this.#job.dueTimes(), { ...world.timing, log });
    const ports: JobPorts = {
      jobId,
      store: this.#store,
      alarm: this.#alarm,
      clock,
      log,
      limits: () => limitsOf(world),
      outside: this.#outside(),
      lines: () => [...this.lines],
      background: (work) => world.background(work),
      // Every close is answered here.
      restart: () => {},
    };
    this.#job = new JobCoordinator(ports);
    const { owner, gpu, inside, watchers } = this.#job;
    this.owner = owner;
    this.gpu = gpu;
    this.inside = inside;
    this.watchers = watchers;
  }

  /** The job as it stands; null once it has forgotten itself. */
  get state(): JobState | null {
    const loaded = this.#store.load();
    return loaded.kind === 'job' ? loaded.job : null;
  }

  /** What its owner may know of it, from history once it has forgotten itself; null for anybody else, and once it was deleted. */
  told(call: Call): JobExport | null {
    if (call.userId !== this.userId) return null;
    const found = this.owner.exported(call);
    return found.ok ? (found.value ?? this.#past) : null;
  }

  #alarmClock() {
    return {
      getAlarm: async () => this.#alarm.time,
      setAlarm: async (time: number) => {
        this.#disarm();
        this.#disarm = this.#world.clock.at(time, () => this.#world.background(this.#wake()));
      },
    };
  }

  /** As the object does when its alarm fires. */
  async #wake(): Promise<void> {
    this.#alarm.gone();
    await this.#job.due.run();
    await this.watchers.sweepAndWait();
    await this.#alarm.afterRun();
  }

  #outside(): Outside {
    const { storage, jobs, accounts, clock, gpu, settings } = this.#world;
    return {
      user: (userId) => accounts.get(userId)?.forJobs ?? NOBODY,
      job: (jobId) => ({
        needsInputs: async () => jobs.get(jobId)?.inside.needsInputs() ?? null,
        giveBack: async (dependent) => jobs.get(jobId)?.inside.giveBack(dependent),
      }),
      photos: {
        listInputs: (job) => listInputs(storage, job),
        look: (job, done) => lookAtEnd(storage, job, done, outputTypeOf(formatOf(job.choice ?? {}))),
        deleteUnder: (prefixes, keep) => deleteUnder(storage, prefixes, keep, BATCHES),
        download: (key) => storage.signDownload(key),
      },
      history: {
        write: async (job, errors) => {
          this.#past = { ...exportOf(job), snapshot: snapshotOf(job, errors, settings, clock.now()), inputs: [] };
        },
        erase: async () => {
          this.#past = null;
        },
      },
      send: async (message) => void clock.at(clock.now(), () => this.#dispatch(message)),
      // Its GPU takes everything: nothing is offered twice.
      prepare: ({ deadline = 0 }) => ({ until: deadline, send: async () => ({ kind: 'accepted', providerId: null }) }),
      provider: () => ({ status: async () => ({ status: 'unknown' }), cancel: async (runId) => gpu.stop(runId) }),
    };
  }

  /** As the queue's consumer does. */
  #dispatch(message: QueueMessage): void {
    const claim = this.gpu.beginDispatch(message.attempt);
    if (!claim.go) return;
    const { background, gpu } = this.#world;
    background(this.gpu.confirmDispatch(message.attempt, message.idempotency_prefix));
    gpu.take({ ...message, items: message.items.filter(({ idx }) => claim.open.includes(idx)) });
  }
}

const limitsOf = ({ settings }: Surroundings): Limits => ({
  job: settings,
  effectMs: LONG_MS,
  providerMs: LONG_MS,
  batchConcurrency: BATCH_CONCURRENCY,
  signatureMs: LONG_MS,
  watch: {
    sockets: settings.watchMaxSockets,
    socketMs: settings.watchSocketMs,
    idleMs: settings.watchIdleMs,
    closeMs: LONG_MS,
    tokenMs: settings.tokenMs,
  },
});
