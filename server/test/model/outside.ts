/**
 * Everything that the objects reach outside themselves, with switches: the next calls of a place can fail before anything
 * happens, lose their answer after it happened, or be held until they are let go. What lies beyond is real: D1, R2 and the
 * objects of workerd; only the queue and the GPU provider are the model's own.
 */
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { DispatchMessage, QueueMessage } from '../../src/contract/gpu-message.ts';
import type { JobCoordinatorDO } from '../../src/durable-objects/job-coordinator/index.ts';
import type { Remote } from '../../src/durable-objects/remote.ts';
import type { UserLimiterDO } from '../../src/durable-objects/user-limiter/index.ts';

/** Calls between objects, by the method that is called. */
const METHODS = [
  'reserve',
  'recheck',
  'create',
  'lend',
  'settle',
  'freeSlot',
  'abandon',
  'needsInputs',
  'giveBack',
  'beginDispatch',
  'confirmDispatch',
  'refuseDispatch',
  'deadLetter',
] as const;
export const PLACES = ['d1', 'send', 'list', 'erase', 'status', 'stop', ...METHODS] as const;
export type Place = (typeof PLACES)[number];
export type How = 'fail' | 'lose' | 'hold';
const isMethod = (name: unknown): name is Place => METHODS.some((method) => method === name);

export type ProviderAnswer = 'accept' | 'accept-without-id' | 'refuse' | 'lose' | 'error';
export type RunStatus = 'IN_PROGRESS' | 'COMPLETED' | 'unknown' | 'forgotten';

const real = {
  batch: env.DB.batch.bind(env.DB),
  list: listed,
  erase: env.R2.delete.bind(env.R2),
  user: env.USER_LIMITER.get.bind(env.USER_LIMITER),
  job: env.JOB_COORDINATOR.get.bind(env.JOB_COORDINATOR),
};
const listR2 = env.R2.list.bind(env.R2);

/** R2 is asked for what lies there; that nothing does, the model knows by itself, which most looks of a clean-up are about. */
async function listed(options: R2ListOptions = {}): Promise<R2Objects> {
  const { prefix = '' } = options;
  const lies = [...outside.stored].some((key) => key.startsWith(prefix));
  return lies ? listR2(options) : { objects: [], truncated: false, delimitedPrefixes: [] };
}

const SENT = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };

/** Past the switches: how the model itself looks and calls. */
export const userStub = (userId: string) => real.user(env.USER_LIMITER.idFromName(userId));
export const jobStub = (jobId: string) => real.job(env.JOB_COORDINATOR.idFromString(jobId));
export const userCalls = (userId: string): Remote<UserLimiterDO> => userStub(userId);
export const jobCalls = (jobId: string): Remote<JobCoordinatorDO> => jobStub(jobId);
export const rawBatch = real.batch;
export const rawList = real.list;

type Dispatched = { message: DispatchMessage; answer: ProviderAnswer; runId: string | null };

class Outside {
  /** What the queue was given and did not deliver yet. */
  mail: QueueMessage[] = [];
  dispatched: Dispatched[] = [];
  canceled: string[] = [];
  /** Keys of R2 as the model believes them: it puts them itself, and sees what is deleted. */
  stored = new Set<string>();
  nextAnswers: ProviderAnswer[] = [];
  runStatus: RunStatus = 'unknown';
  /** Runs whose status was asked or that were canceled: the time limit of such a call keeps its object for 20 seconds. */
  asked = new Set<string>();
  /** Whether anything was made to fail in this run. */
  everTroubled = false;
  #faults: { place: Place; how: How; left: number }[] = [];
  #held: { place: Place; open: boolean }[] = [];

  start(): void {
    this.mail = [];
    this.dispatched = [];
    this.canceled = [];
    this.stored = new Set();
    this.nextAnswers = [];
    this.runStatus = 'unknown';
    this.everTroubled = false;
    this.asked = new Set();
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
    return this.#held.length > 0 || this.#faults.some(({ how }) => how === 'hold');
  }
  get held(): number {
    return this.#held.filter(({ open }) => !open).length;
  }

  async pass<T>(place: Place, work: () => Promise<T>): Promise<T> {
    const fault = this.#faults.find((one) => one.place === place);
    if (fault !== undefined && --fault.left === 0) this.#faults = this.#faults.filter((one) => one !== fault);
    if (fault?.how === 'fail') throw new Error(`${place} is down`);
    if (fault?.how === 'hold') await this.#hold(place);
    const answer = await work();
    if (fault?.how === 'lose') throw new Error(`${place}: the answer was lost`);
    return answer;
  }

  /** Asks again and again, because a promise that another object's turn fulfils never wakes this one in workerd. */
  async #hold(place: Place): Promise<void> {
    const call = { place, open: false };
    this.#held.push(call);
    while (!call.open) await scheduler.wait(1);
    this.#held = this.#held.filter((one) => one !== call);
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

async function provider(request: Request): Promise<Response> {
  const [, verb, runId] = new URL(request.url).pathname.split('/');
  if (runId !== undefined) outside.asked.add(runId);
  if (verb === 'status') return outside.pass('status', async () => statusAnswer());
  if (verb === 'cancel') {
    return outside.pass('stop', async () => {
      outside.canceled.push(String(runId));
      return new Response(null, { status: 200 });
    });
  }
  const message = await request.json<DispatchMessage>();
  const answer = outside.nextAnswers.shift() ?? 'accept';
  const id = `run-${message.job_id.slice(0, 12)}-${outside.dispatched.length}`;
  const known = answer === 'accept';
  outside.dispatched.push({ message, answer, runId: known ? id : null });
  if (answer === 'refuse') return new Response('not now', { status: 429 });
  if (answer === 'error') return new Response('oops', { status: 500 });
  if (answer === 'lose') throw new TypeError('network connection lost');
  return Response.json(known ? { id } : {});
}

function statusAnswer(): Response {
  if (outside.runStatus === 'forgotten') return new Response(null, { status: 404 });
  if (outside.runStatus === 'unknown') return new Response(null, { status: 500 });
  return Response.json({ status: outside.runStatus });
}

/** Puts the switches in place. Once per test: vi.restoreAllMocks() takes them away. */
export function installSwitches(): void {
  vi.spyOn(env.DB, 'batch').mockImplementation((statements) => outside.pass('d1', () => real.batch(statements)));
  vi.spyOn(env.GPU_QUEUE, 'send').mockImplementation((message) =>
    outside.pass('send', async () => {
      outside.mail.push(message);
      return SENT;
    }),
  );
  vi.spyOn(env.R2, 'list').mockImplementation((options) => outside.pass('list', () => real.list(options)));
  vi.spyOn(env.R2, 'delete').mockImplementation((keys) =>
    outside.pass('erase', async () => {
      await real.erase(keys);
      for (const key of [keys].flat()) outside.stored.delete(key);
    }),
  );
  vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => switched(real.user(id)));
  vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation((id) => switched(real.job(id)));
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => provider(new Request(input, init)));
}
