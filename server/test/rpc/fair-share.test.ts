/**
 * What one account can take from the others by calls that are all legal: over any day of them, rows and bytes in D1, objects that hold
 * something, photos of the day's ceiling and requests to objects stay within what it paid and its plan's allowance.
 */
import { listDurableObjectIds } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import { CHOICE, finish, photos, putInputs, range } from '../../../proving/world/workerd/jobs.ts';
import { d1, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, sentFor } from '../../../proving/world/workerd/queue.ts';

/** A free account's day, by default. */
const JOBS = 30;
const UNPAID = 20;
const RULE_CHANGES = 200;
/** Photos of a job, and rules at a time, on the free plan. */
const PHOTOS = 10;
const RULES = 2;
/** Bytes of a rule's row in D1 at most, and of one that was deleted: ids, a name of up to 80 characters, times. */
const RULE_BYTES = 8_192;
const MARK_BYTES = 300;

const ACTS = [
  'create',
  'upload',
  'execute',
  'deliver',
  'finish',
  'cancel',
  'delete',
  'fork',
  'rule',
  'unrule',
  'list',
  'minute',
] as const;

let user: User;
let jobId = '';
let ended: string[] = [];
let ruleId = '';
let calls = 0;

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue();
});

const tries = (call: Promise<unknown>) =>
  call.then(
    () => true,
    () => false,
  );

async function act(what: (typeof ACTS)[number]): Promise<void> {
  calls++;
  const { client, userId } = user;
  switch (what) {
    case 'create':
    case 'fork': {
      const from = what === 'fork' ? ended.at(-1) : undefined;
      const input =
        from === undefined ? { preset: 'interior' as const, photos: photos(PHOTOS) } : { from: { jobId: from } };
      await tries(client.jobs.create.mutate(input).then((created) => (jobId = created.jobId)));
      return;
    }
    case 'upload':
      if (jobId === '') return;
      await putInputs({ userId, jobId }, range(PHOTOS));
      await tries(client.jobs.confirmUpload.mutate({ jobId }));
      return;
    case 'execute':
      await tries(client.jobs.execute.mutate({ jobId, ...CHOICE }));
      return;
    case 'deliver':
      await deliver(...sentFor(jobId).slice(-1));
      return;
    case 'finish': {
      const dispatch = gpu.dispatchesOf(jobId).at(-1);
      if (dispatch !== undefined) await finish({ userId, jobId, photos: PHOTOS, dispatch }, [0, 1]);
      return;
    }
    case 'cancel':
      if (await tries(client.jobs.cancel.mutate({ jobId }))) ended.push(jobId);
      return;
    case 'delete':
      await tries(client.jobs.delete.mutate({ jobId: ended[0] ?? jobId }));
      return;
    case 'rule':
      await tries(
        client.rules.create
          .mutate({ name: 'R'.repeat(80), presetId: 'interior', ...CHOICE })
          .then(({ id }) => (ruleId = id)),
      );
      return;
    case 'unrule':
      await tries(client.rules.delete.mutate({ id: ruleId }));
      return;
    case 'list':
      await tries(client.jobs.list.query({ limit: 1 }));
      return;
    case 'minute':
      pass(MINUTE);
  }
}

const photosOfTheDay = async (day: number) =>
  Number((await sqlIn(userObject('ceilings'), 'SELECT photos FROM day WHERE day = ?', day))[0]?.photos ?? 0);

/** Job objects that hold a table. */
async function holding(before: ReadonlySet<string>): Promise<number> {
  const ids = (await listDurableObjectIds(env.JOB_COORDINATOR)).filter((id) => !before.has(id.toString()));
  let count = 0;
  for (const id of ids) {
    const tables = await sqlIn(env.JOB_COORDINATOR.get(id), "SELECT name FROM sqlite_master WHERE name = 'job'");
    count += tables.length;
  }
  return count;
}

async function wakeJobs(before: ReadonlySet<string>): Promise<void> {
  for (const id of await listDurableObjectIds(env.JOB_COORDINATOR)) {
    if (!before.has(id.toString())) await wake(env.JOB_COORDINATOR.get(id));
  }
}

const total = async (query: string): Promise<number> => Number((await d1(query, user.userId))[0]?.n ?? 0);

test('rows, bytes, objects and photos stay within what was paid and the allowance, whatever is called how often', async () => {
  const loop = fc.array(fc.constantFrom(...ACTS), { minLength: 2, maxLength: 7 });
  const day = fc.record({
    loops: fc.array(loop, { minLength: 1, maxLength: 3 }),
    rounds: fc.integer({ min: 5, max: 25 }),
  });
  await fc.assert(
    fc.asyncProperty(day, async ({ loops, rounds }) => {
      pass(40 * DAY - (Date.now() % DAY));
      const today = Math.floor(Date.now() / DAY);
      const before = new Set((await listDurableObjectIds(env.JOB_COORDINATOR)).map((id) => id.toString()));
      user = await signUp();
      [jobId, ended, ruleId] = ['', [], ''];
      for (let round = 0; round < rounds; round++) {
        for (const what of loops[round % loops.length] ?? []) await act(what);
      }
      await tries(user.client.jobs.cancel.mutate({ jobId }));
      await wake(userObject(user.userId));
      pass(HOUR);
      await wakeJobs(before);
      await wake(userObject(user.userId));

      const charged = -(await total(
        "SELECT sum(amount) AS n FROM billing_events WHERE type = 'charge' AND user_id = ?",
      ));
      const executed = await total(
        'SELECT count(*) AS n FROM jobs_log WHERE concepts_json IS NOT NULL AND user_id = ?',
      );
      expect(await photosOfTheDay(today)).toBeLessThanOrEqual(charged + UNPAID);
      expect(await total('SELECT count(*) AS n FROM jobs_log WHERE user_id = ?')).toBeLessThanOrEqual(JOBS);
      const items = 'SELECT count(*) AS n FROM job_items_log i JOIN jobs_log j USING (job_id) WHERE j.user_id = ?';
      expect(await total(items)).toBeLessThanOrEqual(executed * PHOTOS);
      // What never ran is one row and nothing else an hour later.
      expect(await holding(before)).toBeLessThanOrEqual(executed);
      expect(await total('SELECT count(*) AS n FROM rules WHERE user_id = ?')).toBeLessThanOrEqual(RULE_CHANGES);
      const bytes = 'length(id) + length(name) + length(concepts_json) + coalesce(length(protect_json), 0)';
      const marks = `SELECT coalesce(max(${bytes}), 0) AS n FROM rules WHERE deleted_at IS NOT NULL AND user_id = ?`;
      const live = `SELECT coalesce(sum(${bytes}), 0) AS n FROM rules WHERE deleted_at IS NULL AND user_id = ?`;
      expect(await total(marks)).toBeLessThanOrEqual(MARK_BYTES);
      expect(await total(live)).toBeLessThanOrEqual(RULES * RULE_BYTES);
    }),
    {
      numRuns: 10,
      examples: [
        [{ loops: [['create', 'cancel']], rounds: 40 }],
        [
          {
            loops: [
              ['fork', 'execute', 'cancel'],
              ['create', 'upload', 'execute', 'deliver', 'cancel'],
            ],
            rounds: 40,
          },
        ],
        [{ loops: [['rule', 'unrule']], rounds: 120 }],
      ],
    },
  );
  expect(calls).toBeGreaterThan(200);
}, 120_000);
