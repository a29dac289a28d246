/**
 * One run's world: a user, the queue, the GPU worker and the clock, all moved from outside, one step at a time. A step that
 * a crash interrupts is taken again after the restart, as its owner would: the client repeats its call with the same key, the queue
 * delivers again, the platform repeats the alarm.
 */
import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { DispatchMessage, QueueMessage } from '../../server/src/contract/gpu-message.ts';
import { Life } from '../../server/src/durable-objects/job-coordinator/life.ts';
import type { UserCalls } from '../../server/src/durable-objects/user-limiter/calls.ts';
import worker from '../../server/src/index.ts';
import type { How, Job, Stage } from '../world/jobs.ts';
import { admin, type Client, clientFor, type User } from '../world/workerd/client.ts';
import { SECOND, START, wake } from '../world/workerd/clock.ts';
import { gpu, startGpu } from '../world/workerd/gpu.ts';
import {
  backend,
  doneItem,
  failedItem,
  jobsOver,
  putResults,
  putUntyped,
  report,
  reportPacked,
} from '../world/workerd/jobs.ts';
import { jobObject, userObject } from '../world/workerd/objects.ts';
import { deliver, deliverDead, queue } from '../world/workerd/queue.ts';
import { answered } from './answered.ts';
import { arm, type Crash, isArmed, restarted, underWay } from './control.ts';

/** What the queue's settings in wrangler.toml say. */
const MAX_RETRIES = 3;
const RETRY_DELAY = 5 * SECOND;
/** More than any run needs: a world that is still busy after that never comes to rest. */
const MAX_MOVES = 400;

type Queued = { body: QueueMessage; tries: number };
type Attempt<T> = { interrupted: true } | { interrupted: false; value: T };
/** An object whose alarm is set; a new stub each time, since one that saw a crash is broken. */
type Due = { stub: () => DurableObjectStub; at: number };

export class World {
  /** What the GPU worker makes of a photo, by its index. */
  photo: (idx: number) => 'done' | 'failed' | 'silent' = () => 'done';
  /** What the provider answers to dispatch number n, from 1; null takes the run. */
  provider: (nth: number) => Response | Promise<Response> | null = () => null;
  #user: User | null = null;
  /** The builder of jobs, each call of which is a step. */
  readonly jobs = jobsOver({ ...backend, call: (...call) => this.step(() => backend.call(...call)) });
  readonly #crash: Crash | null;
  readonly #queue: Queued[] = [];
  readonly #dead: QueueMessage[] = [];
  readonly #runs: DispatchMessage[] = [];
  #dispatches = 0;
  #ends = false;
  #jobIds: string[] = [];

  constructor(crash: Crash | null) {
    this.#crash = crash;
    arm(crash);
    vi.setSystemTime(START);
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    // Called directly: the platform would cancel a request that hangs, and say so at length.
    vi.spyOn(exports.default, 'fetch').mockImplementation((request) =>
      Promise.resolve(worker.fetch(request as Parameters<typeof worker.fetch>[0], env)),
    );
    for (const level of ['log', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {});
    // A life that an object ends by itself: ended from outside, since nobody here could catch it.
    vi.spyOn(Life.prototype, 'end').mockImplementation(() => {
      this.#ends = true;
    });
    queue.sent = [];
    startGpu();
    gpu.script.dispatch = (message) => {
      const answer = this.provider(++this.#dispatches);
      if (answer !== null) return answer;
      this.#runs.push(message);
      return Response.json({ id: `run-${message.job_id.slice(0, 8)}-${message.attempt}` });
    };
  }

  get user(): User {
    if (this.#user === null) throw new Error('nobody has signed up');
    return this.#user;
  }
  get client(): Client {
    return this.user.client;
  }
  get userId(): string {
    return this.#user?.userId ?? '';
  }
  get jobIds(): readonly string[] {
    return this.#jobIds;
  }

  /** Takes a step, and once more when it was interrupted: `again` says so. */
  async step<T>(take: (again: boolean) => Promise<T>): Promise<T> {
    const first = await this.#attempt(() => take(false));
    if (!first.interrupted) return first.value;
    const second = await this.#attempt(() => take(true));
    if (second.interrupted) throw new Error('one crash was armed, and two happened');
    return second.value;
  }

  async signUp(key: string): Promise<void> {
    const { userId, token } = await this.step(() => clientFor(null).auth.anon.mutate({ idempotencyKey: key }));
    this.#user = { userId, token, client: clientFor(token) };
  }

  /** A job of the user's; the same one when its key is used again. */
  job(stage: Exclude<Stage, 'running'>, photos = 2, key = 'job-once', from?: How['from']): Promise<Job<User>> {
    return this.jobs.at(stage, this.user, photos, { key, ...(from === undefined ? {} : { from }) });
  }
  async becomePro(): Promise<void> {
    await this.step(() => admin().admin.setPlan.mutate({ userId: this.userId, plan: 'pro' }));
  }

  /** Lets everything happen that is due until then: messages, runs, alarms, in this order, with the clock moving along. */
  async runUntil(time: number): Promise<void> {
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      if (await this.#moveOnce()) continue;
      const next = await this.#nextAlarm();
      if (next === null || next.at > time) {
        vi.setSystemTime(Math.max(Date.now(), time));
        return;
      }
      vi.setSystemTime(Math.max(Date.now(), next.at));
      await this.#fire(next);
    }
    throw new Error(`the world does not come to rest: ${JSON.stringify(await this.#nextAlarm())}`);
  }

  /** Hands the next message to its consumer, without the GPU worker doing anything. */
  async #deliverOne(): Promise<boolean> {
    this.#queue.push(...queue.sent.splice(0).map((body) => ({ body, tries: 1 })));
    const next = this.#queue[0];
    if (next === undefined) return false;
    const answer = await this.#attempt(() => deliver(next.body));
    if (!answer.interrupted && answer.value.retried.length === 0) {
      this.#queue.shift();
      return true;
    }
    vi.setSystemTime(Date.now() + RETRY_DELAY);
    if (next.tries++ > MAX_RETRIES) {
      this.#queue.shift();
      this.#dead.push(next.body);
    }
    return true;
  }

  async #moveOnce(): Promise<boolean> {
    if (this.#ends) {
      this.#ends = false;
      await abortAllDurableObjects();
      restarted();
    }
    if (await this.#deliverOne()) return true;
    const dead = this.#dead[0];
    if (dead !== undefined) {
      const answer = await this.#attempt(() => deliverDead(dead));
      if (!answer.interrupted && answer.value.retried.length === 0) this.#dead.shift();
      return true;
    }
    const run = this.#runs.shift();
    if (run === undefined) return false;
    await this.#work(run);
    return true;
  }

  /** The GPU worker: writes its results, then reports them, and reports again when nobody answers. */
  async #work(run: DispatchMessage): Promise<void> {
    const job = { userId: run.user_id, jobId: run.job_id, photos: run.items.length, dispatch: run };
    for (const { idx } of run.items) {
      const outcome = this.photo(idx);
      if (outcome === 'silent') continue;
      if (outcome === 'done') await putResults(job, [idx]);
      const item = outcome === 'done' ? doneItem(job, idx, run.attempt) : failedItem(idx);
      // The first as a worker with keys of its own does, whose library names no type, and whose HTTP client compresses.
      if (outcome === 'done' && idx === 0) await putUntyped(job, idx);
      await this.step(() => answered(idx === 0 ? reportPacked(job, item) : report(job, item)));
    }
  }

  async #nextAlarm(): Promise<Due | null> {
    const { userId } = this;
    if (userId === '') return null;
    const [found, userAlarm] = await runInDurableObject(
      userObject(userId),
      async (user: UserCalls, { storage }) => [user.jobs(), await storage.getAlarm()] as const,
    );
    const jobs = found.ok ? (found.value ?? []) : [];
    const known = jobs.sort((a, b) => a.createdAt - b.createdAt).map(({ jobId }) => jobId);
    // Those that the user does not show any more have their alarms all the same.
    const jobIds = [...new Set([...this.#jobIds, ...known])];
    this.#jobIds = jobIds;
    const jobAlarms = await Promise.all(jobIds.map((jobId) => alarmOf(jobObject(jobId))));
    let first: Due | null = null;
    for (const [nth, at] of [userAlarm, ...jobAlarms].entries()) {
      const jobId = jobIds[nth - 1];
      const stub = () => (jobId === undefined ? userObject(userId) : jobObject(jobId));
      if (at !== null && (first === null || at < first.at)) first = { stub, at };
    }
    return first;
  }

  /** An alarm that is interrupted is fired again by the platform, unless a new one was set meanwhile. */
  async #fire({ stub, at }: Due): Promise<void> {
    const answer = await this.#attempt(() => wake(stub()));
    if (!answer.interrupted) return;
    await runInDurableObject(stub(), async (_, { storage }) => {
      if ((await storage.getAlarm()) === null) await storage.setAlarm(at);
    });
    await abortAllDurableObjects();
  }

  async #attempt<T>(take: () => Promise<T>): Promise<Attempt<T>> {
    const wasArmed = isArmed();
    const work = take().then(
      (value): Attempt<T> => ({ interrupted: false, value }),
      (error: unknown): Attempt<T> => {
        if (wasArmed && !isArmed()) return { interrupted: true };
        throw error;
      },
    );
    if (!wasArmed || this.#crash?.harm === 'lose') {
      const answer = await work;
      await quiet();
      return answer;
    }
    // Looked for from here: workerd dies when an object that stopped itself wakes us, and we then abort it.
    let answer: Attempt<T> | null = null;
    let failure: { error: unknown } | null = null;
    work.then(
      (value) => (answer = value),
      (error: unknown) => (failure = { error }),
    );
    while (isArmed() && ((answer === null && failure === null) || underWay() > 0)) await scheduler.wait(1);
    if (!isArmed()) {
      await abortAllDurableObjects();
      restarted();
    } else if (failure !== null) throw (failure as { error: unknown }).error;
    // Whoever has an answer keeps it, although what went on in the background was stopped.
    return answer ?? { interrupted: true };
  }
}

const alarmOf = (stub: DurableObjectStub): Promise<number | null> =>
  runInDurableObject(stub, (_, { storage }) => storage.getAlarm());

/** Waits for what goes on in the background. */
async function quiet(): Promise<void> {
  while (underWay() > 0) await scheduler.wait(1);
}
