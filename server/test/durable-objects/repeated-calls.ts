/** Each method of both objects, and how it is called; `user` is another one for each test. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  createdJob,
  doneItem,
  doneJob,
  type Job,
  photos,
  putInputs,
  putResults,
  queuedJob,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { jobRpc, userRpc } from '../../../proving/world/workerd/objects.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';

type Call = () => Promise<unknown>;
export type Case = {
  /** Makes ready what the method needs, and says how it is called. */
  arrange: (user: User) => Call | Promise<Call>;
  /** How the second answer differs, where it does. */
  differs?: (first: unknown, second: unknown) => void;
  /** Ends the session: nothing can be looked at any more. */
  ends?: true;
};

export let user: User;
beforeEach(async () => {
  user = await signUp('pro');
  vi.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

const mine = () => userRpc(user.userId);
const call = () => ({ userId: user.userId, requestId: 'req_test' });
const newId = (key = 'a-new-job') => env.JOB_COORDINATOR.idFromName(`${user.userId}:${key}`).toString();
/** Of a token that is issued now. */
const session = () => ({
  userId: user.userId,
  signedUpAt: Date.now(),
  deviceHash: null,
  address: null,
  issuedAt: Number.MAX_SAFE_INTEGER,
});
const draft = { name: 'oak', preset: 'interior', concepts: CHOICE.concepts, protect: [] } as const;
const ruleOf = async (id = 'rul_repeated') => {
  await mine().createRule(session(), id, { ...draft, protect: [] });
  return id;
};
const claim = { userId: 'usr_claims', deviceHash: null, credits: 1, addressMark: null };
const outcome = { status: 'canceled' as const, done: 0, failed: 2 };
const command = {
  choice: { ...CHOICE, protect: undefined, outputTemplate: undefined },
  rule: null,
  callbackBase: 'https://api.test',
  idempotencyKey: 'execute-once',
};

export const USER: Record<string, Case> = {
  signUp: { arrange: () => () => mine().signUp(session()) },
  claimSignUp: { arrange: () => () => ceilingsOf(env).claimSignUp(claim) },
  claimDispatch: { arrange: () => () => ceilingsOf(env).claimDispatch({ jobId: newId(), photos: 2 }) },
  lowerDispatch: {
    arrange: async () => {
      const day = Math.floor(Date.now() / DAY);
      await ceilingsOf(env).claimDispatch({ jobId: newId(), photos: 9, day });
      return () => ceilingsOf(env).lowerDispatch([{ jobId: newId(), day, reached: 2 }]);
    },
  },
  claimPhotos: {
    arrange: async () => {
      const { jobId } = await uploadedJob(user, 2);
      return () => mine().claimPhotos({ jobId, photos: 2 });
    },
  },
  sessionEpoch: { arrange: () => () => mine().sessionEpoch() },
  revokeSessions: {
    arrange: () => () => mine().revokeSessions(session()),
    // Ends what the first has ended; the moment that it gives is good.
    differs: (first, second) =>
      expect([first, second]).toEqual([
        { ok: true, value: expect.any(Number) },
        { ok: true, value: expect.any(Number) },
      ]),
    ends: true,
  },
  meOf: { arrange: () => () => mine().meOf(user.userId) },
  me: { arrange: () => () => mine().me() },
  admit: { arrange: () => () => mine().admit(2) },
  reserve: { arrange: () => () => mine().reserve(session(), { jobId: newId(), preset: 'interior', amount: 2 }) },
  settle: {
    arrange: async () => {
      await mine().reserve(session(), { jobId: newId(), preset: 'interior', amount: 2 });
      return () => mine().settle({ jobId: newId(), charged: 0, outcome, sent: 0, ended: null });
    },
  },
  freeSlot: {
    arrange: async () => {
      await mine().reserve(session(), { jobId: newId(), preset: 'interior', amount: 2 });
      return () => mine().freeSlot(newId());
    },
  },
  unsent: {
    arrange: async () => {
      const job = await queuedJob(user, 2);
      await jobRpc(job.jobId).beginDispatch(1, Date.now() + DAY);
      await user.client.jobs.cancel.mutate({ jobId: job.jobId });
      return () => mine().unsent(job.jobId, 0);
    },
  },
  recheck: {
    arrange: async () => {
      await mine().reserve(session(), { jobId: newId(), preset: 'interior', amount: 2 });
      return () => mine().recheck(newId());
    },
  },
  exported: { arrange: () => () => mine().exported() },
  erase: {
    arrange: async () => {
      await doneJob(user, 1);
      return () => mine().erase(session());
    },
    ends: true,
  },
  review: { arrange: () => () => mine().review('', 10) },
  noteGone: {
    arrange: async () => {
      const { jobId } = await doneJob(user, 1);
      return () => mine().noteGone([jobId]);
    },
  },
  jobs: { arrange: () => () => mine().jobs() },
  query: { arrange: () => () => mine().query(true) },
  forgetJob: {
    arrange: async () => {
      const { jobId } = await doneJob(user, 1);
      return () => mine().forgetJob(jobId);
    },
  },
  hasEnded: {
    arrange: async () => {
      const { jobId } = await doneJob(user, 1);
      return () => mine().hasEnded(jobId);
    },
  },
  createRule: { arrange: () => () => mine().createRule(session(), 'rul_new', { ...draft, protect: [] }) },
  listRules: { arrange: () => () => mine().listRules() },
  getRule: {
    arrange: async () => {
      const id = await ruleOf();
      return () => mine().getRule(id);
    },
  },
  updateRule: {
    arrange: async () => {
      const id = await ruleOf();
      return () => mine().updateRule(session(), id, { name: 'birch' });
    },
  },
  deleteRule: {
    arrange: async () => {
      const id = await ruleOf();
      // D1 hears of it in between, and the rule's row goes.
      return async () => {
        const answer = await mine().deleteRule(session(), id);
        await mine().query(true);
        return answer;
      };
    },
  },
  setPlan: { arrange: () => () => mine().setPlan(user.userId, 'pro') },
  grantCredits: { arrange: () => () => mine().grantCredits(user.userId, 'a-grant', 5, 'test') },
  adopt: {
    arrange: () => () => {
      const had = { plan: 'pro', credits: 7, deviceHash: null, createdAt: 1000, rules: [] };
      return userRpc('an-old-id').adopt({ ...had, userId: 'an-old-id' });
    },
  },
  project: { arrange: () => () => mine().project() },
};

const withJob =
  (make: (user: User) => Promise<Job>, act: (job: Job) => Promise<unknown>): Case['arrange'] =>
  async (owner) => {
    const job = await make(owner);
    return () => act(job);
  };
const created = (owner: User) => createdJob(owner, 2);
const queued = (owner: User) => queuedJob(owner, 2);
const ofSource = { userId: '', preset: 'interior' as const, photos: photos(2), source: null };

export const JOB: Record<string, Case> = {
  create: {
    arrange: async () => {
      await mine().reserve(session(), { jobId: newId(), preset: 'interior', amount: 2 });
      return () => jobRpc(newId()).create({ ...ofSource, userId: user.userId });
    },
  },
  abandon: { arrange: () => () => jobRpc(newId()).abandon() },
  get: { arrange: withJob(created, ({ jobId }) => jobRpc(jobId).get(call())) },
  renewUploads: { arrange: withJob(created, ({ jobId }) => jobRpc(jobId).renewUploads(call(), [0])) },
  confirmUpload: {
    arrange: async (owner) => {
      const job = await createdJob(owner, 2);
      await putInputs(job, [0, 1]);
      return () => jobRpc(job.jobId).confirmUpload(call());
    },
  },
  execute: {
    arrange: withJob(
      (owner) => uploadedJob(owner, 2),
      ({ jobId }) => jobRpc(jobId).execute(call(), command),
    ),
  },
  cancel: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).cancel(call(), 'cancel-once')) },
  remove: {
    arrange: withJob(
      async (owner) => {
        const job = await doneJob(owner, 2);
        // No signed URL is good any more: the object forgets itself at once.
        pass(2 * DAY);
        return job;
      },
      ({ jobId }) => jobRpc(jobId).remove(call()),
    ),
  },
  loan: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).loan(call(), undefined)) },
  lend: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).lend(call(), newId('another'))) },
  needsInputs: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).needsInputs()) },
  giveBack: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).giveBack(newId('another'))) },
  again: {
    arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).again(call(), { preset: 'interior', photos: photos(2) })),
  },
  report: {
    arrange: async (owner) => {
      const job = await runningJob(owner, 2);
      await putResults(job, [0]);
      return () => jobRpc(job.jobId).report('req_test', [doneItem(job, 0)]);
    },
    differs: (first, second) => {
      expect(first).toMatchObject({ ok: true, value: { items: [{ outcome: 'accepted' }] } });
      expect(second).toMatchObject({ ok: true, value: { items: [{ outcome: 'duplicate' }] } });
    },
  },
  beginDispatch: {
    arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).beginDispatch(1, Date.now() + DAY)),
    // The lease decides: sending what may have been sent could pay for it twice.
    differs: (first, second) => {
      expect(first).toMatchObject({ go: true });
      expect(second).toMatchObject({ go: false, reason: 'already dispatched' });
    },
  },
  confirmDispatch: {
    arrange: withJob(
      (owner) => runningJob(owner, 2),
      ({ jobId }) => jobRpc(jobId).confirmDispatch(1, 'run'),
    ),
  },
  refuseDispatch: {
    arrange: withJob(
      async (owner) => {
        const job = await queuedJob(owner, 2);
        await jobRpc(job.jobId).beginDispatch(1, Date.now() + DAY);
        return job;
      },
      ({ jobId }) => jobRpc(jobId).refuseDispatch(1, 'busy'),
    ),
  },
  rejectDispatch: {
    arrange: withJob(
      async (owner) => {
        const job = await queuedJob(owner, 2);
        await jobRpc(job.jobId).beginDispatch(1, Date.now() + DAY);
        return job;
      },
      ({ jobId }) => jobRpc(jobId).rejectDispatch(1, 'no such message'),
    ),
  },
  deadLetter: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).deadLetter(1)) },
  inspect: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).inspect()) },
  project: {
    arrange: withJob(
      (owner) => doneJob(owner, 2),
      ({ jobId }) => jobRpc(jobId).project(),
    ),
  },
  exported: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).exported(call())) },
  erase: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).erase(user.userId, true)), ends: true },
  attend: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).attend()) },
  endWatching: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).endWatching(Date.now())) },
  recipe: { arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).recipe()) },
};
