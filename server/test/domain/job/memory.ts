/** A job on memory: the server's own coordinator over maps, a clock that stands still, and lines that note what they are told. */
import { MemoryStore } from '../../../../client-sdk/src/testing/job-store.ts';
import { has, indexesOf, of } from '../../../src/domain/bitmap.ts';
import type { Found } from '../../../src/domain/job/uploads.ts';
import { indexOfKey } from '../../../src/domain/keys.ts';
import { ok } from '../../../src/domain/result.ts';
import { JobCoordinator } from '../../../src/durable-objects/job-coordinator/coordinator.ts';
import type { Attachment, JobPorts, Line } from '../../../src/durable-objects/job-coordinator/ports.ts';
import { SETTINGS, T0 } from './states.ts';

export class MemoryLine implements Line {
  readonly requestId = 'req_1';
  readonly frames: unknown[] = [];
  closed: number | null = null;
  #attachment: Attachment;

  constructor(attachment: Attachment) {
    this.#attachment = attachment;
  }
  get isOpen(): boolean {
    return this.closed === null;
  }
  attachment(): Attachment {
    return this.#attachment;
  }
  keep(attachment: Attachment): void {
    this.#attachment = attachment;
  }
  send(frame: string): void {
    this.frames.push(JSON.parse(frame));
  }
  close(code: number): void {
    this.closed = code;
  }
}

const DAY = 86_400_000;

/** What the job asks of others is noted in `calls`, and done at once. */
export class MemoryJob {
  now = T0;
  readonly calls: string[] = [];
  readonly objects = new Map<string, Found>();
  readonly lines: MemoryLine[] = [];
  readonly storage = new MemoryStore();
  /** When the alarm is set for. */
  alarm: number | null = null;
  readonly job = new JobCoordinator(this.#ports());

  /** Moves on to the alarm, and does what it is for. */
  async wake(): Promise<void> {
    if (this.alarm === null) throw new Error('no alarm is set');
    this.now = Math.max(this.now, this.alarm);
    this.alarm = null;
    await this.job.due.run();
    await this.job.watchers.sweepAndWait();
    const times = this.job.dueTimes();
    if (times.length > 0) this.#set(Math.max(this.now, Math.min(...times)));
  }

  async watch(userId: string): Promise<MemoryLine> {
    const opened = await this.job.watchers.open(userId, this.now, (attachment) => new MemoryLine(attachment));
    if (!opened.ok) throw new Error(opened.refusal.message);
    this.lines.push(opened.value);
    return opened.value;
  }

  #set(time: number): void {
    this.alarm = Math.min(time, this.alarm ?? time);
  }

  #note(call: string): void {
    this.calls.push(call);
  }

  #ports(): JobPorts {
    const limits = {
      job: SETTINGS,
      effectMs: 1_000,
      providerMs: 1_000,
      batchConcurrency: 4,
      signatureMs: 300_000,
      watch: { sockets: 4, socketMs: DAY, idleMs: 10_000, closeMs: 5_000, tokenMs: DAY },
    };
    return {
      jobId: 'j1',
      store: this.storage,
      alarm: {
        look: () => undefined,
        atLatest: async (time) => {
          this.#set(time);
          return true;
        },
        gone: () => {
          this.alarm = null;
        },
        time: null,
      },
      clock: { now: () => this.now, random: () => 0.5, wait: async () => undefined },
      log: () => undefined,
      limits: () => limits,
      outside: this.#outside(),
      lines: () => this.lines.filter(({ isOpen }) => isOpen),
      background: (work) => void work,
      restart: (reason) => this.#note(`restart: ${reason}`),
    };
  }

  #outside(): JobPorts['outside'] {
    const under = (prefixes: string[]) =>
      [...this.objects.keys()].filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
    const found = (prefix: string) =>
      new Map(under([prefix]).map((key) => [indexOfKey(key) ?? -1, this.objects.get(key) as Found]));
    return {
      user: () => ({
        settle: async ({ charged }) => {
          this.#note(`settle ${charged}`);
          return ok({ credits: 10 - charged, version: 2 });
        },
        freeSlot: async () => this.#note('freeSlot'),
        unsent: async (_, sent) => this.#note(`unsent ${sent}`),
        claimPhotos: async ({ photos }) => {
          this.#note(`claim ${photos}`);
          return ok(null);
        },
        hasEnded: async () => false,
        forgetJob: async () => this.#note('forget'),
      }),
      job: () => ({ needsInputs: async () => null, giveBack: async () => undefined }),
      photos: {
        listInputs: async () => found('inputs/'),
        look: async (_, done) => {
          const results = of(indexesOf(done).filter((idx) => has(of([...found('outputs/').keys()]), idx)));
          return { results, previews: 0n, reasons: new Map() };
        },
        deleteUnder: async (prefixes, keep) => {
          for (const key of under(prefixes)) if (!keep(key)) this.objects.delete(key);
          return true;
        },
        download: (key) => `https://storage.test/${key}`,
      },
      history: {
        write: async ({ status }) => this.#note(`history ${status}`),
        erase: async () => this.#note('erase'),
      },
      send: async ({ attempt }) => this.#note(`send ${attempt}`),
      prepare: (message) => ({
        until: message.deadline ?? 0,
        send: async () => ({ kind: 'accepted', providerId: null }),
      }),
      provider: () => null,
    };
  }
}
