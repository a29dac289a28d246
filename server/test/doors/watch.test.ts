/** Who may watch a job: the upgrade's door, which looks at the ticket before it touches any object. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { ask, askWith, BASE, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob } from '../../../proving/world/workerd/jobs.ts';
import { askToWatch, ticketOf } from '../../../proving/world/workerd/watch.ts';
import { issueTicket } from '../../src/security/ticket.ts';
import { parseSettings } from '../../src/settings/settings.ts';

let user: User;
let jobId: string;
let ticket: string;
beforeEach(async () => {
  user = await signUp();
  ({ jobId } = await createdJob(user));
  ticket = await ticketOf(user, jobId);
});

async function refusal(answer: Response | Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  expect(response.webSocket).toBeNull();
  const body = await response.json<{ success: boolean; error: { code: string }; meta: { request_id: string } }>();
  expect(body).toMatchObject({ success: false, meta: { request_id: expect.stringMatching(/^req_/) } });
  return [response.status, body.error.code];
}

test('a ticket of jobs.get or jobs.execute admits its user to its job', async () => {
  const answer = await askToWatch(jobId, `?ticket=${ticket}`);
  expect(answer.status).toBe(101);
  expect(answer.webSocket).not.toBeNull();
});

test('connection parameters that wsLink announces make no difference', async () => {
  expect((await askToWatch(jobId, `?ticket=${ticket}&connectionParams=1`)).status).toBe(101);
});

test('without a good ticket nobody is let in, and no object is asked', async () => {
  const other = await createdJob(await signUp());
  const [userId, expiry, from, signature] = ticket.split('.');
  const asked = vi.spyOn(env.JOB_COORDINATOR, 'get');
  const refused = ['', '?ticket=', `?ticket=${user.token}`, `?token=${user.token}`, `?ticket=${userId}.${expiry}`];
  const altered = [
    `usr_other.${expiry}.${from}.${signature}`,
    `${userId}.${Number(expiry) + 60}.${from}.${signature}`,
    `${userId}.${expiry}.${Number(from) + 1}.${signature}`,
    `${userId}.${expiry}.${signature}`,
  ];
  for (const query of [...refused, ...altered.map((text) => `?ticket=${text}`)]) {
    expect(await refusal(askToWatch(jobId, query)), query).toEqual([401, 'AUTH_REQUIRED']);
  }
  expect(await refusal(askToWatch(other.jobId, `?ticket=${ticket}`))).toEqual([401, 'AUTH_REQUIRED']);
  const bearer = { authorization: `Bearer ${user.token}` };
  expect(await refusal(askToWatch(jobId, '', bearer))).toEqual([401, 'AUTH_REQUIRED']);
  pass(61 * SECOND);
  expect(await refusal(askToWatch(jobId, `?ticket=${ticket}`))).toEqual([401, 'AUTH_REQUIRED']);
  expect(asked).not.toHaveBeenCalled();
});

test('absent, foreign and deleted jobs look the same', async () => {
  const settings = parseSettings(env, false);
  const signed = (id: string, userId: string) =>
    `?ticket=${issueTicket(id, { userId, sessionFrom: Date.now() }, Date.now(), settings)}`;
  const gone = await doneJob(await signUp('pro'), 1);
  const absent = env.JOB_COORDINATOR.newUniqueId().toString();
  // Nobody but the server can sign these: the object looks at the owner all the same.
  expect(await refusal(askToWatch(jobId, signed(jobId, 'usr_other')))).toEqual([404, 'JOB_NOT_FOUND']);
  expect(await refusal(askToWatch(absent, signed(absent, user.userId)))).toEqual([404, 'JOB_NOT_FOUND']);
  expect(await refusal(askToWatch('nojob', signed('nojob', user.userId)))).toEqual([404, 'JOB_NOT_FOUND']);
  expect(await refusal(askToWatch(gone.jobId, signed(gone.jobId, user.userId)))).toEqual([404, 'JOB_NOT_FOUND']);
});

test('a page of another origin is refused, as for fetch', async () => {
  const from = (origin: string) => askToWatch(jobId, `?ticket=${ticket}`, { origin });
  expect(await refusal(from('https://evil.test'))).toEqual([401, 'AUTH_REQUIRED']);
  expect(await refusal(from('null'))).toEqual([401, 'AUTH_REQUIRED']);
  expect((await from('https://app.test')).status).toBe(101);
  expect((await from(BASE)).status).toBe(101);
  const everyone = { ...env, CORS_ORIGINS: '*' };
  const headers = { upgrade: 'websocket', origin: 'https://evil.test' };
  expect((await askWith(everyone, `/trpc/watch/${jobId}?ticket=${ticket}`, { headers })).status).toBe(101);
});

test('what is no upgrade is told so', async () => {
  expect(await refusal(ask(`/trpc/watch/${jobId}?ticket=${ticket}`))).toEqual([426, 'VALIDATION_ERROR']);
  const method = { method: 'POST', body: '{}' };
  expect(await refusal(ask(`/trpc/watch/${jobId}?ticket=${ticket}`, method))).toEqual([426, 'VALIDATION_ERROR']);
});

test('jobs.watch over plain HTTP is refused, and says where it is served', async () => {
  const input = encodeURIComponent(JSON.stringify({ json: { jobId } }));
  const answer = await ask(`/trpc/jobs.watch?input=${input}`, { headers: { authorization: `Bearer ${user.token}` } });
  expect(answer.status).toBe(400);
  const text = await answer.text();
  expect(text).toContain('"errorCode":"VALIDATION_ERROR"');
  expect(text).toContain('/trpc/watch/<jobId>?ticket=');
});

test('every upgrade and every refusal is one line in the log, without the ticket', async () => {
  const lines: string[] = [];
  for (const level of ['log', 'warn'] as const) vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
  await askToWatch(jobId, `?ticket=${ticket}`);
  await askToWatch(jobId, `?ticket=${user.token}`);
  const events = lines.map((line) => JSON.parse(line)).filter(({ event }) => event !== 'request');
  expect(events.map(({ event }) => event)).toEqual(['watch.opened', 'watch.refused']);
  expect(events[0]).toMatchObject({ jobId, userId: user.userId });
  expect(events[1]).toMatchObject({ jobId, code: 'AUTH_REQUIRED' });
  expect(lines.join('')).not.toContain(ticket);
  expect(lines.join('')).not.toContain(user.token);
});
