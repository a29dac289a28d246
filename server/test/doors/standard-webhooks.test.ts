/** Callbacks signed by a stock library of Standard Webhooks: with the job's secret, with the global one, and with several at a time. */
import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test } from 'vitest';
import { askWith, signUp } from '../../../proving/world/workerd/client.ts';
import { pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { failedItem, post, type RunningJob, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';

let job: RunningJob;
beforeEach(async () => {
  job = await runningJob(await signUp(), 2);
});

const body = JSON.stringify(failedItem(0));
/** What the library's documentation says to send. */
function signed(secret: string, text = body, at = new Date(), id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W') {
  const signature = new Webhook(secret).sign(id, at, text);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}
const statusOf = async (headers: Record<string, string>, text = body) => (await post(job.jobId, text, headers)).status;
const other = () => `whsec_${btoa('another key, of more than 24 bytes')}`;

test("the dispatch's callback_secret is a Standard Webhooks secret, whose key is the bytes of callback_token", () => {
  const { callback_secret, callback_token } = job.dispatch;
  expect(callback_secret).toMatch(/^whsec_[A-Za-z0-9+/]+={0,2}$/);
  const bytes = atob(callback_secret.slice('whsec_'.length));
  expect(bytes).toBe(callback_token);
  // The specification asks for 24 to 64.
  expect(bytes.length).toBe(46);
});

describe('a signature by the stock library', () => {
  test("with the job's callback_secret is taken", async () => {
    const answer = await post(job.jobId, body, signed(job.dispatch.callback_secret));
    expect(answer.body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
  });

  test('over text of many scripts is taken', async () => {
    const text = JSON.stringify(failedItem(0, '너무 어두워요 😀 слишком темно'));
    expect(await statusOf(signed(job.dispatch.callback_secret, text), text)).toBe(200);
  });

  test("with another job's callback_secret, or over another body, is refused", async () => {
    const theirs = await runningJob(await signUp(), 1);
    expect(await statusOf(signed(theirs.dispatch.callback_secret))).toBe(401);
    expect(await statusOf(signed(job.dispatch.callback_secret), `${body} `)).toBe(401);
    expect(await inspect(job.jobId)).toMatchObject({ failed: 0 });
  });

  test('while its secret changes stands beside others: one good one is enough, and unknown versions are passed over', async () => {
    const good = signed(job.dispatch.callback_secret);
    const foreign = signed(other())['webhook-signature'];
    const asymmetric = `v1a,${btoa('a signature of another kind')}`;
    for (const several of [
      `${foreign} ${good['webhook-signature']}`,
      `${good['webhook-signature']} ${foreign}`,
      `${asymmetric} v2,AAAA ${good['webhook-signature']}`,
      // Two headers, as HTTP joins them.
      `${foreign}, ${good['webhook-signature']}`,
    ]) {
      expect(await statusOf({ ...good, 'webhook-signature': several }), several).toBe(200);
    }
    for (const none of [foreign, asymmetric, good['webhook-signature'].replace('v1,', 'v1a,'), 'v1,', ' ', ',']) {
      expect(await statusOf({ ...good, 'webhook-signature': none }), none).toBe(401);
    }
  });

  test('is good for five minutes before and after its time', async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * SECOND);
    for (const seconds of [-299, 299]) {
      expect(await statusOf(signed(job.dispatch.callback_secret, body, at(seconds), `msg${seconds}`))).toBe(200);
    }
    for (const seconds of [-302, 302]) {
      expect(await statusOf(signed(job.dispatch.callback_secret, body, at(seconds), `msg${seconds}`))).toBe(401);
    }
  });

  test('has an id of 1 to 256 characters', async () => {
    const by = (id: string) => signed(job.dispatch.callback_secret, body, new Date(), id);
    expect(await statusOf(by('m'))).toBe(200);
    expect(await statusOf(by('m'.repeat(256)))).toBe(200);
    expect(await statusOf(by('m'.repeat(257)))).toBe(401);
    expect(await statusOf(by(''))).toBe(401);
  });

  test('counts once: the same id again changes nothing', async () => {
    const { callback_secret } = job.dispatch;
    expect(await statusOf(signed(callback_secret))).toBe(200);
    const again = JSON.stringify(failedItem(1));
    const answer = await post(job.jobId, again, signed(callback_secret, again));
    expect(answer.body.data?.items).toEqual([{ idx: 1, outcome: 'duplicate' }]);
    expect(await inspect(job.jobId)).toMatchObject({ failed: 1 });
    pass(1201 * SECOND);
    expect((await post(job.jobId, again, signed(callback_secret, again))).body.data?.items[0]?.outcome).toBe(
      'accepted',
    );
  });
});

describe('GPU_CALLBACK_SECRET as a Standard Webhooks secret', () => {
  const global = `whsec_${btoa('a global key of 32 bytes or more.')}`;
  const settings = { ...env, GPU_CALLBACK_SECRET: global };
  const send = async (headers: Record<string, string>, text: string, vars: Env = settings) =>
    (await askWith(vars, `/jobs/${job.jobId}/callback`, { method: 'POST', body: text, headers })).status;
  const named = () => JSON.stringify({ ...failedItem(0), job_id: job.jobId });

  test('signs where the body names the job', async () => {
    expect(await send(signed(global, named()), named())).toBe(200);
    expect(await send(signed(global), body)).toBe(401);
  });

  test('does not where it is switched off', async () => {
    const off = { ...settings, GPU_CALLBACK_GLOBAL_SECRET: 'off' };
    expect(await send(signed(global, named()), named(), off)).toBe(401);
  });

  test('signs as the previous one while that is set', async () => {
    const rotated = { ...env, GPU_CALLBACK_SECRET_PREVIOUS: global };
    expect(await send(signed(global, named()), named(), rotated)).toBe(200);
    expect(await send(signed(global, named()), named(), env)).toBe(401);
  });

  test('is shown as it is written', async () => {
    for (const headers of [{ authorization: `Bearer ${global}` }, { 'X-Callback-Secret': global }]) {
      expect(await send(headers, body)).toBe(200);
    }
    expect(await send({ authorization: `Bearer ${atob(global.slice(6))}` }, body)).toBe(401);
  });
});
