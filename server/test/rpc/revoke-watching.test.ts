/** A revocation ends watching: no ticket of the old session opens anything, and what it had open is closed, whatever breaks meanwhile. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clientFor, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob, finish, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, jobRpc, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import { askToWatch, ticketOf, Watcher } from '../../../proving/world/workerd/watch.ts';
import { upgradeOf } from '../../src/durable-objects/job-coordinator/sockets.ts';
import { issueTicket } from '../../src/security/ticket.ts';
import { parseSettings } from '../../src/settings/settings.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

/** Revokes, and gives the same user with the token that came of it. */
async function revoked(who: User): Promise<User> {
  const { token } = await who.client.auth.revoke.mutate();
  return { ...who, token, client: clientFor(token) };
}
const refusal = async (jobId: string, ticket: string): Promise<[number, string]> => {
  const response = await askToWatch(jobId, `?ticket=${ticket}`);
  const { error } = await response.json<{ error: { code: string } }>();
  return [response.status, error.code];
};
const owedTo = async ({ userId }: User): Promise<unknown> => {
  const [row] = await sqlIn(userObject(userId), 'SELECT more FROM account');
  return JSON.parse(String(row?.more)).watchersToEnd;
};

describe('a ticket of the old session', () => {
  test('opens nothing, also in the millisecond of the revocation, and touches no job; one of the new session does', async () => {
    const { jobId } = await createdJob(user);
    const old = await ticketOf(user, jobId);
    const again = await revoked(user);
    const touched = vi.spyOn(env.JOB_COORDINATOR, 'get');
    expect(await refusal(jobId, old)).toEqual([401, 'TOKEN_INVALID']);
    expect(touched).not.toHaveBeenCalled();
    expect((await askToWatch(jobId, `?ticket=${await ticketOf(again, jobId)}`)).status).toBe(101);
  });

  test('opens nothing when it was given after the revocation, by an answer that did not know of it yet', async () => {
    const { jobId } = await createdJob(user);
    const sessionFrom = Date.now();
    pass(SECOND);
    await revoked(user);
    pass(SECOND);
    const late = issueTicket(jobId, { userId: user.userId, sessionFrom }, Date.now(), parseSettings(env, false));
    expect(await refusal(jobId, late)).toEqual([401, 'TOKEN_INVALID']);
  });

  test('after two revocations in one millisecond: the last session alone may watch', async () => {
    const { jobId } = await createdJob(user);
    const second = await revoked(user);
    const between = await ticketOf(second, jobId);
    const third = await revoked(second);
    expect(await refusal(jobId, between)).toEqual([401, 'TOKEN_INVALID']);
    expect((await askToWatch(jobId, `?ticket=${await ticketOf(third, jobId)}`)).status).toBe(101);
  });

  test('that was let in a moment before is refused by the job itself, also after that was evicted', async () => {
    const { jobId } = await createdJob(user);
    const admitted = upgradeOf({ userId: user.userId, sessionFrom: Date.now(), requestId: 'req_1' });
    await revoked(user);
    await evictDurableObject(jobObject(jobId));
    const late = await jobObject(jobId).fetch(admitted);
    expect([late.status, await late.json()]).toMatchObject([401, { error: { code: 'TOKEN_INVALID' } }]);
  });
});

describe('what the old session has open', () => {
  test('is closed with TOKEN_INVALID on every live job when the revocation is answered, and told nothing more', async () => {
    const jobs = [await runningJob(user, 2), await runningJob(user, 1)];
    const watchers = await Promise.all(jobs.map(({ jobId }) => Watcher.of(user, jobId)));
    const [silent] = [await Watcher.open(user, jobs[0]?.jobId ?? '')];
    await revoked(user);
    for (const watcher of [...watchers, silent]) expect(await watcher.untilClosed()).toMatchObject({ code: 1008 });
    for (const { errors } of watchers) {
      expect(errors).toEqual([
        { id: 1, errorCode: 'TOKEN_INVALID' },
        { id: null, errorCode: 'TOKEN_INVALID' },
      ]);
    }
    expect(silent.errors).toEqual([{ id: null, errorCode: 'TOKEN_INVALID' }]);
    expect(await owedTo(user)).toBeUndefined();
    for (const job of jobs) await finish(job, [0]);
    expect(watchers.map(({ photos }) => photos)).toEqual([[], []]);
  });

  test('stays open for the new session, over a second look of the old revocation', async () => {
    const job = await runningJob(user, 1);
    const again = await revoked(user);
    const watcher = await Watcher.of(again, job.jobId);
    await jobRpc(job.jobId).endWatching(Date.now() + 1);
    await finish(job, [0]);
    await watcher.untilEnd();
    expect(watcher.photos).toEqual(['0 done']);
  });

  test('is closed on a job that was settled and has not told its watchers', async () => {
    const job = await doneJob(user, 1);
    const silent = await Watcher.open(user, job.jobId);
    await revoked(user);
    expect(await silent.untilClosed()).toMatchObject({ code: 1008 });
  });

  test('is closed by the alarm when the job could not be reached, however often, and over a restart', async () => {
    const job = await runningJob(user, 1);
    const watcher = await Watcher.of(user, job.jobId);
    const away = () => {
      throw new Error('the job is away');
    };
    const cut = vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation(away);
    await revoked(user);
    expect(await owedTo(user)).toMatchObject({ jobIds: [job.jobId], tries: 1 });
    pass(MINUTE);
    await wake(userObject(user.userId));
    expect(await owedTo(user)).toMatchObject({ jobIds: [job.jobId], tries: 2 });
    expect(watcher.closed).toBeNull();
    cut.mockRestore();
    await evictDurableObject(userObject(user.userId));
    pass(5 * MINUTE);
    expect(await wake(userObject(user.userId))).toBe(true);
    expect(await watcher.untilClosed()).toMatchObject({ code: 1008 });
    expect(await owedTo(user)).toBeUndefined();
  });

  test('costs a revocation of who runs no job nothing', async () => {
    const asked = vi.spyOn(env.JOB_COORDINATOR, 'get');
    await revoked(user);
    expect(asked).not.toHaveBeenCalled();
    expect(await owedTo(user)).toBeUndefined();
  });
});

test('no socket outlives the token that its ticket came from', async () => {
  pass(30 * DAY - 10 * MINUTE);
  const job = await runningJob(user, 1);
  const watcher = await Watcher.of(user, job.jobId);
  pass(10 * MINUTE);
  await wake(jobObject(job.jobId));
  expect(await watcher.untilClosed()).toMatchObject({ code: 1001 });
  const renewed = await user.client.auth.renew.mutate();
  const again = await Watcher.of({ ...user, client: clientFor(renewed.token) }, job.jobId);
  pass(HOUR / 2);
  await wake(jobObject(job.jobId));
  expect(again.closed).toBeNull();
});
