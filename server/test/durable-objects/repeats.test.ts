/**
 * Whoever reaches an object calls again when the answer is lost (rpc/objects.ts). So every method of both objects, found in the code, is
 * called twice with the same arguments here: the second call does no more, and says the same unless it is noted how it differs.
 */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
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
import { jobObject, jobRpc, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { JobCoordinatorDO } from '../../src/durable-objects/job-coordinator/index.ts';
import { UserLimiterDO } from '../../src/durable-objects/user-limiter/index.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';

type Call = () => Promise<unknown>;
type Case = {
  /** Makes ready what the method needs, and says how it is called. */
  arrange: (user: User) => Call | Promise<Call>;
  /** How the second answer differs, where it does. */
  differs?: (first: unknown, second: unknown) => void;
  /** Ends the session: nothing can be looked at any more. */
  ends?: true;
};

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
  vi.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

const PLATFORM = new Set(['constructor', 'fetch', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError']);
const methodsOf = (object: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(object.prototype).filter((name) => !PLATFORM.has(name));

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

const USER: Record<string, Case> = {
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

const JOB: Record<string, Case> = {
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
      ({ jobId }) => jobRpc(jobId).refuseDispatch(1),
    ),
  },
  deadLetter: {
    arrange: withJob(queued, ({ jobId }) => jobRpc(jobId).deadLetter(1, 'test')),
    differs: (first, second) => expect([first, second]).toEqual([{ failed: true }, { failed: false }]),
  },
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

/** What a user has, as far as he sees it, and what the ceilings count. */
async function seen() {
  const { credits, ruleSlots, activeJobs } = await user.client.user.me.query();
  const rules = await user.client.rules.list.query();
  const { jobs } = await user.client.jobs.list.query();
  const ceilings = await sqlIn(userObject('ceilings'), 'SELECT day, credits, photos FROM day');
  return { credits, ruleSlots, activeJobs, rules, jobs, ceilings };
}

describe.each([
  ['the user object', UserLimiterDO, USER],
  ['the job object', JobCoordinatorDO, JOB],
] as const)('each method of %s', (_, object, cases) => {
  test('stands in the list below', () => {
    expect(methodsOf(object).sort()).toEqual(Object.keys(cases).sort());
  });

  test.each(Object.entries(cases))('%s may be called twice', async (name, { arrange, differs, ends }) => {
    const act = await arrange(user);
    const first = await act();
    if (typeof first === 'object' && first !== null && 'ok' in first) expect(first.ok, name).toBe(true);
    const between = ends ? null : await seen();
    const second = await act();
    if (differs === undefined) expect(second).toEqual(first);
    else differs(first, second);
    expect(ends ? null : await seen()).toEqual(between);
  });
});

test('a rule is found by the key that made it, and not made again once it was deleted', async () => {
  const input = { name: 'oak', presetId: 'interior' as const, concepts: CHOICE.concepts, idempotencyKey: 'rule-once' };
  const rule = await user.client.rules.create.mutate(input);
  expect(await user.client.rules.create.mutate(input)).toEqual(rule);
  expect(await user.client.rules.list.query()).toHaveLength(1);
  const other = { ...input, name: 'birch' };
  await expect(user.client.rules.create.mutate(other)).rejects.toMatchObject({
    data: { errorCode: 'IDEMPOTENCY_CONFLICT', details: { field: 'idempotencyKey' } },
  });
  await user.client.rules.delete.mutate({ id: rule.id });
  await wake(userObject(user.userId));
  await expect(user.client.rules.create.mutate(input)).rejects.toMatchObject({
    data: { errorCode: 'IDEMPOTENCY_CONFLICT' },
  });
});

test('what was deleted by somebody else is not found', async () => {
  const { jobId } = await doneJob(user, 1);
  pass(2 * DAY);
  const stranger = await signUp();
  await user.client.jobs.delete.mutate({ jobId });
  expect(await jobRpc(jobId).remove({ userId: stranger.userId, requestId: 'req_test' })).toMatchObject({
    ok: false,
    refusal: { code: 'JOB_NOT_FOUND' },
  });
  expect(await sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name = 'job'")).toEqual([]);
});

test('a job whose object is gone is not deleted while D1 is down, and is when it is asked for again', async () => {
  const owner = await signUp('pro');
  const { jobId } = await createdJob(owner, 1);
  await owner.client.jobs.cancel.mutate({ jobId });
  pass(DAY);
  await wake(jobObject(jobId));
  const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
  expect((await refusalOf(owner.client.jobs.delete.mutate({ jobId }))).code).toBe('SERVICE_UNAVAILABLE');
  down.mockRestore();
  expect(await owner.client.jobs.delete.mutate({ jobId })).toEqual({ jobId, deleted: true });
  expect((await refusalOf(owner.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
});
