/** Those who are fuzzed: users of the pro plan with jobs in every state, kept alive from round to round. */

import { at } from '../world/bundle/http.ts';
import type { Running } from '../world/bundle/jobs.ts';
import { claims, hs256 } from '../world/bundle/jwt.ts';
import { data, text, type User, type World } from '../world/bundle/world.ts';

const USERS = 6;
/** Photos of a job that callbacks go to: enough that a round does not settle them all. */
const PHOTOS = 14;

export class Crowd {
  readonly #world: World;
  readonly users: User[] = [];
  /** Jobs that callbacks go to: one for each user, replaced once it has ended. */
  readonly running: Running[] = [];
  readonly jobIds: string[] = [];
  readonly ruleIds: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  async gather(): Promise<void> {
    const rule = { name: 'Fuzzed', presetId: 'interior', concepts: { Wall: { action: 'remove' } } };
    for (let n = 0; n < USERS; n++) {
      const user = await this.#world.signUpPro();
      this.users.push(user);
      this.ruleIds.push(text(data(await this.#world.mutate('rules.create', rule, { token: user.token })), 'id'));
    }
    this.#world.settleIn();
    await this.refresh();
  }

  /** Gives every user a running job with open photos again. What they had may be finished, canceled or deleted by now. */
  async refresh(): Promise<void> {
    await Promise.all(this.users.map((user, n) => this.#refreshOne(user, n)));
  }

  user(n: number): User {
    return pick(this.users, n);
  }

  job(n: number): Running {
    return pick(this.running, n);
  }

  /** Puts what exists into the place of `$job:N`, `$rule:N` and `$user:N`. */
  named(text: string): string {
    return text.replace(/\$(job|rule|user):(\d{1,2})/g, (_, kind: string, n: string) => {
      if (kind === 'user') return this.user(Number(n)).userId;
      return kind === 'job' ? pick(this.jobIds, Number(n)) : pick(this.ruleIds, Number(n));
    });
  }

  /** Learns of what a successful call made. */
  learn(path: string, user: User | null, reply: unknown): void {
    const made = at(reply, 'result', 'data', 'json');
    const token = at(made, 'token');
    if (path === 'auth.revoke' && user !== null && typeof token === 'string') user.token = token;
    if (path === 'jobs.create') remember(this.jobIds, at(made, 'jobId'));
    if (path === 'rules.create') remember(this.ruleIds, at(made, 'id'));
  }

  async #refreshOne(user: User, n: number): Promise<void> {
    const world = this.#world;
    // Of two revocations at once, the answer that came last need not be the one that stands.
    const token = hs256(world.setting('JWT_SECRET'), claims(user.userId, 0, { iat: Date.now() / 1000 }));
    user.token = token;
    // Somebody may have had him deleted.
    if ((await world.query('user.me', undefined, { token })).status === 401) return this.#replaceOne(user, n);
    const before = this.running[n];
    if (before !== undefined) {
      const seen = await world.query('jobs.get', { jobId: before.jobId }, { token });
      const status = seen.status === 200 ? at(data(seen), 'status') : 'gone';
      if (status === 'running' || status === 'queued') return;
    }
    // Others hold slots and credits: what lives of them is canceled, which returns both.
    const { jobs } = data(await world.query('jobs.list', { limit: 100 }, { token })) as {
      jobs: { jobId: string; status: string }[];
    };
    const live = jobs.filter(({ status }) => ['created', 'uploaded', 'queued', 'running'].includes(status));
    for (const { jobId } of live) await world.mutate('jobs.cancel', { jobId }, { token });
    // As an operator would: plan and credits for another job.
    await world.makePro(user, PHOTOS);
    const job = await world.jobs.running(user, PHOTOS);
    this.running[n] = job;
    remember(this.jobIds, job.jobId);
  }

  async #replaceOne(user: User, n: number): Promise<void> {
    Object.assign(user, await this.#world.signUpPro());
    this.#world.settleIn();
    await this.#refreshOne(user, n);
  }
}

/** Ids that are kept at most: the oldest goes first. */
const MOST_IDS = 64;

function remember(ids: string[], id: unknown): void {
  if (typeof id !== 'string') return;
  ids.push(id);
  if (ids.length > MOST_IDS) ids.shift();
}

function pick<T>(list: readonly T[], n: number): T {
  const found = list[n % Math.max(1, list.length)];
  if (found === undefined) throw new Error('nothing is there to pick from');
  return found;
}
