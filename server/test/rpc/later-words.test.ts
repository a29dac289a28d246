/** Words that a later release has stored and this one does not know, after a rollback: they are kept, and nothing else suffers. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { admin, clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, createdJob, doneJob, finish, runningJob, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, sqlIn, tellD1, userObject } from '../../../proving/world/workerd/objects.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

async function setIn(stub: DurableObjectStub, query: string, ...values: string[]): Promise<void> {
  await sqlIn(stub, query, ...values);
  await evictDurableObject(stub);
}
const make = (name: string) => user.client.rules.create.mutate({ name, presetId: 'interior', ...CHOICE });

describe('a rule', () => {
  const FUTURE: [string, string, string][] = [
    ['for a preset', 'preset', 'garden'],
    ['with an action', 'concepts', '{"Floor":{"action":"blur","value":"10"}}'],
    ['with a value', 'concepts', '{"Floor":{"action":"texture","value":"terrazzo"}}'],
  ];

  test.each(FUTURE)('%s of a later release is not shown, and the others are', async (_, column, value) => {
    const [later, mine] = [await make('Later'), await make('Mine')];
    await setIn(userObject(user.userId), `UPDATE rule SET ${column} = ? WHERE id = ?`, value, later.id);
    expect(await user.client.rules.list.query()).toEqual([mine]);
    expect((await user.client.user.export.query()).rules).toEqual([mine]);
    const { jobId } = await uploadedJob(user, 1);
    for (const call of [
      () => user.client.rules.get.query({ id: later.id }),
      () => user.client.rules.update.mutate({ id: later.id, name: 'Mine now' }),
      () => user.client.jobs.execute.mutate({ jobId, ruleId: later.id }),
    ]) {
      expect((await refusalOf(call())).code).toBe('RULE_NOT_FOUND');
    }
    expect(await sqlIn(userObject(user.userId), `SELECT ${column} AS was FROM rule WHERE id = ?`, later.id)).toEqual([
      { was: value },
    ]);
    expect((await refusalOf(make('A third'))).code).toBe('RULE_SLOT_FULL');
    expect(await user.client.rules.delete.mutate({ id: later.id })).toMatchObject({ deleted: true });
    expect((await make('A third')).name).toBe('A third');
  });
});

test('an account on a plan of a later release works on with the limits of the first, and keeps its plan', async () => {
  await setIn(userObject(user.userId), "UPDATE account SET plan = 'team'");
  expect(await user.client.user.me.query()).toMatchObject({ plan: 'free', limits: { photosPerJob: 10 } });
  expect((await user.client.jobs.estimate.query({ preset: 'interior', photos: 2 })).allowed).toBe(true);
  await make('Mine');
  await doneJob(user, 2);
  expect((await user.client.user.export.query()).user).toMatchObject({ plan: 'free', credits: { spent: 2 } });
  await tellD1(user);
  expect(await sqlIn(userObject(user.userId), 'SELECT plan FROM account')).toEqual([{ plan: 'team' }]);
  expect(await d1('SELECT plan FROM users WHERE id = ?', user.userId)).toEqual([{ plan: 'team' }]);
  expect((await admin().admin.reconcile.mutate({ userId: user.userId })).differences).toEqual([]);
});

describe('what a job was executed with', () => {
  const CHOSEN = '{"concepts":{"Floor":{"action":"blur"}},"protect":[],"outputTemplate":null,"format":"avif"}';

  test('is left out of an export where this release does not know it, while the job lives and when it has ended', async () => {
    const job = await runningJob(user, 1);
    const state = "UPDATE job SET state = json_set(state, '$.choice', json(?))";
    await setIn(jobObject(job.jobId), state, CHOSEN);
    const exported = async () => (await user.client.user.export.query()).jobs[0];
    expect(await exported()).toMatchObject({ status: 'running', concepts: null, protect: [] });
    await finish(job, [0]);
    expect(await exported()).toMatchObject({ status: 'done', concepts: null, photos: [{ idx: 0, status: 'done' }] });
    expect(await exported()).not.toHaveProperty('format');
  });

  test('is left out of an export from history, whatever the row holds', async () => {
    const { jobId } = await doneJob(user, 1);
    for (const days of [1, 30, 1]) {
      pass(days * DAY);
      await wake(jobObject(jobId));
    }
    const { client } = { client: clientFor((await user.client.auth.renew.mutate()).token) };
    for (const [concepts, protect, params] of [
      ['{"Floor":{"action":"blur"}}', '[1]', '{"outputTemplate":7,"format":"avif"}'],
      ['{}', '{}', '[]'],
      ['7', '"Grout"', 'null'],
    ] as const) {
      const update = 'UPDATE jobs_log SET concepts_json = ?, protect_json = ?, params_json = ? WHERE job_id = ?';
      await env.DB.prepare(update).bind(concepts, protect, params, jobId).run();
      const [job] = (await client.user.export.query()).jobs;
      expect(job).toMatchObject({ jobId, charged: 1, concepts: null, protect: null, outputTemplate: null });
    }
  });
});

test('a created job beside all that is shown as ever', async () => {
  await setIn(userObject(user.userId), "UPDATE account SET plan = 'team'");
  const { jobId } = await createdJob(user, 10);
  expect((await user.client.jobs.list.query()).jobs).toMatchObject([{ jobId, status: 'created' }]);
});
