/**
 * The naive model: what one would write down on paper while watching. It knows what it did and what it was told, and
 * nothing of leases, effects or projections; promises.ts compares it with what the objects hold.
 */
import type { QueueMessage } from '../../server/src/contract/gpu-message.ts';
import type { Photo } from '../../server/src/contract/jobs.ts';
import type { PlanId } from '../../server/src/contract/user.ts';
import type { JobState } from '../../server/src/domain/job/state.ts';
import { ENDED } from '../world/look.ts';
import type { JobLook, UserLook } from '../world/workerd/look.ts';

export type ModelUser = {
  id: string;
  plan: PlanId;
  /** Credits given, by the key under which they were. */
  grants: Map<string, number>;
  /** Names of the rules that are saved, by id. */
  rules: Map<string, string>;
  /** Rule commands that were not answered yet. */
  unanswered: number;
  /** Whether its sign-up was answered: nobody has a token, or the id, before that. */
  isKnown: boolean;
};

export type ModelJob = {
  id: string;
  user: ModelUser;
  key: string;
  photos: Photo[];
  /** The job that it was made from, and which of its photos. */
  from: { jobId: string; indexes: number[] } | null;
  /** Whether a create for it was answered with success. */
  made: boolean;
  /** What a GPU worker reported first for each photo, as the answer said that it was taken. */
  reported: Map<number, 'done' | 'failed'>;
  /** Reports that were not answered yet, so that it is not known which came first. */
  unanswered: number;
  /** Whether the user called it off, or tried to. */
  canceled: boolean;
  deleted: boolean;
  /** Whether anyone has begun to delete it. */
  deleting: boolean;
  /** Whether the last try was told to come again. */
  toDelete: boolean;
  /** Until when an upload URL is good, and when one was asked for last. */
  putUntil: number;
  askedAt: number;
};

/** A command that waits for something that is held. `alarmsOf` names the objects whose alarms it is. */
export type Pending = { work: Promise<void>; alarmsOf: string[] };

export type World = {
  seed: number;
  users: ModelUser[];
  jobs: ModelJob[];
  userLooks: Map<string, UserLook>;
  jobLooks: Map<string, JobLook>;
  /** The state of each job when there was one last. */
  lastStates: Map<string, JobState>;
  pending: Set<Pending>;
  /** What a command ended in that was no longer waited for. */
  late: Error | null;
  /** Steps since which something is held. */
  heldFor: number;
  /** Messages that were delivered, for redelivery. */
  delivered: QueueMessage[];
  /** What was done, for whoever reads a failure. */
  trace: string[];
  /** Ids of what a command may have changed. */
  touched: Set<string>;
  /** Whether the command at hand runs by itself, with nothing of earlier ones under way. */
  alone: boolean;
  /** Whether something was under way at the last look: then anything may have changed since. */
  wide: boolean;
  /** Objects that threw to a caller: workerd keeps a reference to them, and cannot evict them. */
  stuck: Set<string>;
  /** Whether writes were refused in the middle of an alarm. */
  sick: boolean;
  /** Whether an alarm was taken from an object, or could not be set. */
  alarmsLost: boolean;
  /** Objects that a later release has written to. */
  later: Set<string>;
  /** A job whose cancel was answered while its user's object could be reached: its slot has to be free by now. */
  freed: string | null;
  /** A job, and the run whose message the queue gave up. */
  buried: { jobId: string; run: number } | null;
  /** A job that results came for, the runs that they named, and those of the results that were taken. */
  named: { jobId: string; runs: (number | null)[]; taken: (number | null)[] } | null;
  serial: number;
};

export const FREE_CREDITS = 10;
export const PRO_CREDITS = 200;

export function newWorld(seed: number): World {
  return {
    seed,
    users: [],
    jobs: [],
    userLooks: new Map(),
    jobLooks: new Map(),
    lastStates: new Map(),
    pending: new Set(),
    late: null,
    heldFor: 0,
    delivered: [],
    trace: [],
    touched: new Set(),
    alone: true,
    wide: false,
    stuck: new Set(),
    sick: false,
    alarmsLost: false,
    later: new Set(),
    freed: null,
    buried: null,
    named: null,
    serial: 0,
  };
}

export function newUser(id: string): ModelUser {
  return {
    id,
    plan: 'free',
    grants: new Map([['plan:free', FREE_CREDITS]]),
    rules: new Map(),
    unanswered: 0,
    isKnown: false,
  };
}

/** Thrown when a promise is broken. */
export class Broken extends Error {
  readonly promise: string;
  constructor(promise: string, where: string) {
    super(`broken: ${promise} (${where})`);
    this.name = 'Broken';
    this.promise = promise;
  }
}

export function must(condition: boolean, promise: string, where: () => string): void {
  if (!condition) throw new Broken(promise, where());
}

/** The job as the last look showed it; null when there is none. */
export function jobSeen(world: World, jobId: string): JobState | null {
  const look = world.jobLooks.get(jobId);
  return look?.kind === 'job' ? look.job : null;
}

/** Mostly a job that lives, as long as there is one. */
export function jobAt(world: World, at: number): ModelJob | undefined {
  const live = world.jobs.filter(({ id }) => {
    const look = world.jobLooks.get(id);
    return look?.kind === 'job' && !ENDED.has(look.job.status);
  });
  const from = at % 4 !== 0 && live.length > 0 ? live : world.jobs;
  return from[at % Math.max(1, from.length)];
}

/** Whose it is and which. */
export const refOf = (job: ModelJob) => ({ userId: job.user.id, jobId: job.id });
