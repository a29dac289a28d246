/** One deployment under attack: the production bundle, a provider that keeps what it is sent, a victim and an attacker. */
import { type Production, startProduction } from '../../../start/local/production.ts';
import type { CallOptions } from '../calls.ts';
import type { User } from './answers.ts';
import { Deployment } from './deployment.ts';
import { Outside } from './gpu.ts';
import type { Reply } from './http.ts';
import { BundleJobs, type Job } from './jobs.ts';
import { type Snapshot, snapshotOf, toldD1 } from './snapshot.ts';

export { data, text, type User } from './answers.ts';
export { uniqueKey } from './deployment.ts';

export type Victim = User & { ruleId: string; jobs: Record<JobStage, Job> };
export type JobStage = 'created' | 'uploaded' | 'running' | 'done';

export class World extends Deployment {
  readonly production: Production;
  readonly gpu: Outside;
  readonly jobs: BundleJobs;
  /** Bodies of all errors so far, and all that must never stand in one or in a log. */
  readonly errors: string[] = [];
  readonly secrets = new Map<string, string>();
  /** Whose objects a snapshot looks into: those of the residents, and of whom an attack brings along. */
  #watched = { users: new Set<string>(), jobs: new Set<string>() };
  #residents = { users: new Set<string>(), jobs: new Set<string>() };
  readonly #everyone = { users: new Set<string>(), jobs: new Set<string>() };
  victim!: Victim;
  attacker!: User & { job: Job };
  /** What {@link snapshot} saw last. */
  lastSnapshot: Snapshot | undefined;
  #addresses = 0;

  constructor(production: Production, gpu: Outside) {
    super(production.url, production.vars.ADMIN_SECRET);
    this.production = production;
    this.gpu = gpu;
    this.jobs = new BundleJobs(this);
  }

  /** Storage repeats the signature that it was sent, to whoever sent it. */
  protected override heard({ status, body }: Reply, url: string): void {
    if (status >= 400 && !url.startsWith(this.production.s3.endpoint)) this.errors.push(body);
  }

  /** @param bare whether presigned URLs name the simulator itself, without the door that is as strict as R2 */
  static async start(vars: Record<string, string | null>, bare = false): Promise<World> {
    const gpu = await Outside.start();
    try {
      const production = await startProduction({
        door: !bare,
        vars: { GPU_URL: gpu.url, TURNSTILE_URL: gpu.turnstileUrl, ...vars },
      });
      const world = new World(production, gpu);
      for (const [name, value] of Object.entries(production.vars)) {
        if (/SECRET|GPU_API_KEY/.test(name) && name !== 'GPU_CALLBACK_GLOBAL_SECRET') world.keepSecret(name, value);
      }
      return world;
    } catch (error) {
      gpu.close();
      throw error;
    }
  }

  /** The value of a setting or secret in force. */
  setting(name: string): string {
    const value = this.production.vars[name];
    if (value === undefined) throw new Error(`this deployment has no ${name}`);
    return value;
  }

  /** Notes what must never stand in a log, an error, a row or a message of the queue. */
  keepSecret(what: string, value: string): void {
    this.secrets.set(value, what);
  }

  /** An address that no other sign-up of this run comes from. */
  freshIp(): string {
    const n = ++this.#addresses;
    return `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  }

  /** From an address of his own, unless told. His token is a secret, and he is watched. */
  override async signUp(input?: Record<string, unknown>, options: CallOptions = { ip: this.freshIp() }): Promise<User> {
    const user = await super.signUp(input, options);
    this.keepSecret('a session token', user.token);
    this.watch(user.userId);
    return user;
  }

  watch(userId: string, jobId?: string): void {
    for (const { users, jobs } of [this.#watched, this.#everyone]) {
      users.add(userId);
      if (jobId !== undefined) jobs.add(jobId);
    }
  }

  /** Who is watched now stays so for good. */
  settleIn(): void {
    this.#residents = { users: new Set(this.#watched.users), jobs: new Set(this.#watched.jobs) };
  }

  /** Looks no longer into objects of who came after {@link settleIn}. Their rows in D1, and that they exist, still count. */
  release(): void {
    const { users, jobs } = this.#residents;
    if (this.#watched.users.size === users.size && this.#watched.jobs.size === jobs.size) return;
    this.#watched = { users: new Set(users), jobs: new Set(jobs) };
    this.lastSnapshot = undefined;
  }

  async snapshot(): Promise<Snapshot> {
    await toldD1(this.production, this.#watched.users);
    const snapshot = await snapshotOf(this.production, this.gpu, this.#watched);
    this.lastSnapshot = snapshot;
    return snapshot;
  }

  /** With the objects of everybody who was ever here. */
  wholeSnapshot(): Promise<Snapshot> {
    return snapshotOf(this.production, this.gpu, this.#everyone);
  }

  /** What the Worker and the runtime printed. */
  get logs(): readonly string[] {
    return this.production.logs;
  }

  async stop(): Promise<void> {
    this.http.close();
    await this.production.stop();
    this.gpu.close();
  }
}
