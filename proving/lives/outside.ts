/**
 * Everything that the objects reach outside themselves, with switches: the next calls of a place can fail before anything
 * happens, lose their answer after it happened, be held until they are let go, or be answered when nobody waits any more. What lies
 * beyond is real: D1, R2 and the objects of workerd; only the queue and the GPU provider are the model's own.
 *
 * Time limits follow the clock of the model, so that a call is late as soon as that clock is beyond its limit (limits.ts).
 */
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { DispatchMessage, QueueMessage } from '../../server/src/contract/gpu-message.ts';
import type { JobCalls } from '../../server/src/durable-objects/job-coordinator/calls.ts';
import type { Remote } from '../../server/src/durable-objects/remote.ts';
import type { UserCalls } from '../../server/src/durable-objects/user-limiter/calls.ts';
import { Provider, type Script } from '../world/gpu.ts';
import { jobStub, rawBatch, rawList, userStub } from '../world/workerd/past.ts';
import { installLimits, isOver } from './limits.ts';
import { answerTo, isHeld, type ProviderAnswer, type RunStatus, statusAnswer, WORKING } from './provider.ts';

/** Calls between objects, by the method that is called. */
const METHODS = [
  'reserve',
  'recheck',
  'create',
  'lend',
  'settle',
  'freeSlot',
  'unsent',
  'abandon',
  'needsInputs',
  'giveBack',
  'beginDispatch',
  'confirmDispatch',
  'refuseDispatch',
  'rejectDispatch',
  'deadLetter',
  'claimPhotos',
  'claimDispatch',
  'lowerDispatch',
] as const;
export const PLACES = ['d1', 'send', 'list', 'erase', 'status', 'stop', ...METHODS] as const;
export type Place = (typeof PLACES)[number];
/** `hold`: what is asked for happens when the call is let go; `slow`: at once, and only the answer waits, beyond the caller's time limit. */
export type How = 'fail' | 'lose' | 'hold' | 'slow';
const isMethod = (name: unknown): name is Place => METHODS.some((method) => method === name);

const real = {
  erase: env.R2.delete.bind(env.R2),
  user: env.USER_LIMITER.get.bind(env.USER_LIMITER),
  job: env.JOB_COORDINATOR.get.bind(env.JOB_COORDINATOR),
};

/** R2 is asked for what lies there; that nothing does, the model knows by itself, which most looks of a clean-up are about. */
async function listed(options: R2ListOptions = {}): Promise<R2Objects> {
  const { prefix = '' } = options;
  const lie = [...outside.stored].filter((key) => key.startsWith(prefix));
  outside.looks.push({ prefix, found: new Set(lie) });
  return lie.length > 0 ? rawList(options) : { objects: [], truncated: false, delimitedPrefixes: [] };
}

const SENT = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };

/** Past the switches: how the model itself calls. */
export const userCalls = (userId: string): Remote<UserCalls> => userStub(userId);
export const jobCalls = (jobId: string): Remote<JobCalls> => jobStub(jobId);

export type Dispatched = { message: DispatchMessage; answer: ProviderAnswer; runId: string | null };

class Outside {
  /** What the queue was given and did not deliver yet. */
  mail: QueueMessage[] = [];
  /** The GPU provider, and what was made of each dispatch. */
  readonly gpu = new Provider();
  dispatched: Dispatched[] = [];
  /** Keys of R2 as the model believes them: it puts them itself, and sees what is deleted. */
  stored = new Set<string>();
  /** What each look into R2 found, whenever its answer came. */
  looks: { prefix: string; found: ReadonlySet<string> }[] = [];
  nextAnswers: ProviderAnswer[] = [];
  /** What it says of runs, by their numbers in turn. */
  runStatuses: RunStatus[] = ['unknown'];
  /** What it said in this step, by its names for them: only what came through. */
  heard = new Map<string, RunStatus[]>();
  /** Runs of which it said that somebody works on them. */
  readonly working = new Set<string>();
  /** Whether anything was made to fail in this run. */
  everTroubled = false;
  /** Whether a call was answered that waits for its caller's time limit to be over. */
  isSlow = false;
  /** Calls on their way, those included that nobody waits for any more. */
  readonly #underWay = new Set<symbol>();
  #wasHeld = false;
  /** Calls on their way whose answer will be late. */
  readonly #slow = new Set<symbol>();
  #faults: { place: Place; how: How; left: number }[] = [];
  #held: { open: boolean }[] = [];

  start(): void {
    this.mail = [];
    this.gpu.reset();
    this.dispatched = [];
    this.stored = new Set();
    this.looks = [];
    this.nextAnswers = [];
    this.runStatuses = ['unknown'];
    this.heard = new Map();
    this.working.clear();
    this.everTroubled = false;
    this.isSlow = false;
    this.#underWay.clear();
    this.#slow.clear();
    this.#wasHeld = false;
    this.#faults = [];
    this.#held = [];
  }

  fault(place: Place, how: How, times: number): void {
    this.everTroubled = true;
    this.#faults.push({ place, how, left: times });
  }

  /** From here on everything works. */
  heal(): void {
    this.#faults = [];
    this.nextAnswers = [];
    this.letGo();
  }

  letGo(): void {
    for (const call of this.#held) call.open = true;
  }

  /** Whether calls to these places come through now. */
  reaches(...places: Place[]): boolean {
    return !this.#faults.some(({ place }) => places.includes(place));
  }
  get troubled(): boolean {
    return this.#faults.length > 0;
  }
  get mayHold(): boolean {
    const holds = this.#faults.some(({ how }) => how === 'hold' || how === 'slow');
    // A late answer that was forgotten may still be waited for, until its caller's time limit is over.
    return this.isSlow || this.#held.length > 0 || this.#slow.size > 0 || holds || this.nextAnswers.some(isHeld);
  }
  get held(): number {
    return this.#held.filter(({ open }) => !open).length;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** They ended with the object that made them, as at a crash. */
  forgetUnderWay(): void {
    this.#underWay.clear();
    this.#slow.clear();
    this.#held = [];
  }

  /** Whether anything was held since this was asked last. */
  takeWasHeld(): boolean {
    const was = this.#wasHeld;
    this.#wasHeld = false;
    return was;
  }

  async pass<T>(place: Place, work: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
    const fault = this.#faults.find((one) => one.place === place);
    if (fault !== undefined && --fault.left === 0) this.#faults = this.#faults.filter((one) => one !== fault);
    const call = Symbol(place);
    this.#underWay.add(call);
    if (fault?.how === 'slow') this.#slow.add(call);
    try {
      if (fault?.how === 'fail') throw new Error(`${place} is down`);
      if (fault?.how === 'hold') await this.hold(signal);
      const answer = await work();
      if (fault?.how === 'lose') throw new Error(`${place}: the answer was lost`);
      if (fault?.how === 'slow') {
        this.isSlow = true;
        await this.hold(signal);
      }
      return answer;
    } finally {
      this.#underWay.delete(call);
      this.#slow.delete(call);
    }
  }

  /**
   * Asks again and again, because a promise that another object's turn fulfils never wakes this one in workerd.
   * @param signal of the time limit that the call itself ends at, where it has one
   */
  async hold(signal?: AbortSignal | null): Promise<void> {
    const call = { open: false };
    this.#held.push(call);
    this.#wasHeld = true;
    try {
      while (!call.open) {
        if (signal != null && isOver(signal)) throw new DOMException('the time limit is over', 'TimeoutError');
        await scheduler.wait(1);
      }
    } finally {
      this.#held = this.#held.filter((one) => one !== call);
    }
  }
}
export const outside = new Outside();

/** A stub whose calls pass the switches. */
function switched<T extends object>(stub: T): T {
  return new Proxy(stub, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (!isMethod(name)) return (...args: unknown[]) => Reflect.apply(value, target, args);
      return (...args: unknown[]) => outside.pass(name, () => Reflect.apply(value, target, args) as Promise<unknown>);
    },
  });
}

/** @param signal of the time limit that the call ends at */
const scriptFor = (signal?: AbortSignal | null): Script => ({
  status: async (runId) => {
    const { message } = outside.dispatched.find((one) => one.runId === runId) ?? {};
    const statuses = outside.runStatuses;
    const status = statuses[(message?.attempt ?? 0) % statuses.length] ?? 'unknown';
    const answer = await outside.pass('status', async () => statusAnswer(status), signal);
    outside.heard.set(runId, [...(outside.heard.get(runId) ?? []), status]);
    if (WORKING.includes(status)) outside.working.add(runId);
    return answer;
  },
  cancel: () => outside.pass('stop', async () => new Response(null, { status: 200 }), signal),
  dispatch: async (message, nth) => {
    const answer = outside.nextAnswers.shift() ?? 'accept';
    const known = answer === 'accept' || answer === 'hold';
    const runId = known ? `run-${message.job_id.slice(0, 12)}-${nth}` : null;
    outside.dispatched.push({ message, answer, runId });
    if (isHeld(answer)) await outside.hold(signal);
    return answerTo(answer, runId);
  },
});

/** Puts what does not lie there yet, as whoever has a signed URL does. */
export async function putMissing(keys: string[], body: Uint8Array, contentType: string): Promise<string> {
  const missing = keys.filter((key) => !outside.stored.has(key));
  await Promise.all(missing.map((key) => env.R2.put(key, body, { httpMetadata: { contentType } })));
  for (const key of missing) outside.stored.add(key);
  return `${missing.length} put`;
}

/** Puts the switches in place. Once per test: vi.restoreAllMocks() takes them away. */
export function installSwitches(): void {
  installLimits();
  vi.spyOn(env.DB, 'batch').mockImplementation((statements) => outside.pass('d1', () => rawBatch(statements)));
  vi.spyOn(env.GPU_QUEUE, 'send').mockImplementation((message) =>
    outside.pass('send', async () => {
      outside.mail.push(message);
      return SENT;
    }),
  );
  vi.spyOn(env.R2, 'list').mockImplementation((options) => outside.pass('list', () => listed(options)));
  vi.spyOn(env.R2, 'delete').mockImplementation((keys) =>
    outside.pass('erase', async () => {
      await real.erase(keys);
      for (const key of [keys].flat()) outside.stored.delete(key);
    }),
  );
  vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => switched(real.user(id)));
  vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation((id) => switched(real.job(id)));
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) =>
    outside.gpu.answer(new Request(input, init), undefined, scriptFor(init?.signal)),
  );
}
