/** Callbacks: who may report results, and what a result may say. */

import { at, type Reply } from '../../world/bundle/http.ts';
import type { Running } from '../../world/bundle/jobs.ts';
import { signWebhook } from '../../world/bundle/webhook.ts';
import { data, text, type World } from '../../world/bundle/world.ts';
import { passes } from '../../world/clock.ts';
import { answers, Group, must } from '../attack.ts';

export const callbacks = new Group('callbacks');
const NO_CREDENTIAL = answers(401, 'AUTH_REQUIRED');
const FAILED = JSON.stringify({ idx: 0, status: 'failed', error: 'attacked' });

const target = (world: World): Running => world.victim.jobs.running as Running;

/** A report on the victim's running job with credentials that are none. */
function unauthorized(
  name: string,
  headers: (world: World) => Record<string, string> | Promise<Record<string, string>>,
) {
  callbacks.attack(name, NO_CREDENTIAL, async (world) =>
    world.jobs.report(target(world), FAILED, await headers(world)),
  );
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

unauthorized('no credential', () => ({}));
unauthorized('an empty bearer', () => ({ authorization: 'Bearer ' }));
unauthorized('a made-up bearer', () => bearer('cb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'));
unauthorized("the owner's session token", (world) => bearer(world.victim.token));
unauthorized('the admin secret', (world) => bearer(world.setting('ADMIN_SECRET')));
unauthorized('the key for the GPU provider', (world) => bearer(world.setting('GPU_API_KEY')));
unauthorized('the job id as its own token', (world) => bearer(`cb_${target(world).jobId}`));
unauthorized('a watch ticket of the job', async (world) => {
  const { victim } = world;
  const seen = await world.query('jobs.get', { jobId: target(world).jobId }, { token: victim.token });
  return bearer(text(data(seen), 'ticket'));
});
unauthorized("the job's token with its last character changed", (world) => {
  const { token } = target(world);
  return bearer(`${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`);
});
unauthorized("the job's token in small letters", (world) => bearer(target(world).token.toLowerCase()));
unauthorized('the first half of the global secret', (world) =>
  bearer(world.setting('GPU_CALLBACK_SECRET').slice(0, 20)),
);
unauthorized('the global secret and one character', (world) => ({
  'x-callback-secret': `${world.setting('GPU_CALLBACK_SECRET')}x`,
}));
unauthorized('the global secret as Basic', (world) => ({
  authorization: `Basic ${Buffer.from(`gpu:${world.setting('GPU_CALLBACK_SECRET')}`).toString('base64')}`,
}));

callbacks.staged("job A's token on job B", NO_CREDENTIAL, async (world) => {
  const mine = await world.jobs.running(await world.signUp(), 1);
  return () => world.jobs.report(target(world), FAILED, bearer(mine.token));
});
callbacks.staged("job A's callback_secret on job B", NO_CREDENTIAL, async (world) => {
  const { dispatch: message } = await world.jobs.running(await world.signUp(), 1);
  return () => world.jobs.report(target(world), FAILED, bearer(message.callback_secret));
});
callbacks.staged("a signature with job A's callback_secret on job B", NO_CREDENTIAL, async (world) => {
  const { dispatch: message } = await world.jobs.running(await world.signUp(), 1);
  // As a stock library makes a key of it.
  const key = Buffer.from(message.callback_secret.slice('whsec_'.length), 'base64');
  return () => world.jobs.reportSigned(target(world).jobId, FAILED, { key });
});
callbacks.staged("a signature with job A's token on job B", NO_CREDENTIAL, async (world) => {
  const mine = await world.jobs.running(await world.signUp(), 1);
  return () => world.jobs.reportSigned(target(world).jobId, FAILED, { key: mine.token });
});

for (const [form, headersOf] of [
  ['as bearer', bearer],
  ['in X-Callback-Secret', (secret: string) => ({ 'x-callback-secret': secret })],
  ['in X-GPU-Callback-Secret', (secret: string) => ({ 'x-gpu-callback-secret': secret })],
] as const) {
  callbacks.staged(
    `the global secret ${form}, while it is switched off`,
    NO_CREDENTIAL,
    async (world) => {
      const job = await world.jobs.running(await world.signUp(), 1);
      return () => world.jobs.report(job, FAILED, headersOf(world.setting('GPU_CALLBACK_SECRET')));
    },
    { world: 'closed' },
  );
}
callbacks.staged(
  'a signature under the global secret, while it is switched off',
  NO_CREDENTIAL,
  async (world) => {
    const job = await world.jobs.running(await world.signUp(), 1);
    const body = JSON.stringify({ job_id: job.jobId, idx: 0, status: 'failed' });
    return () => world.jobs.reportSigned(job.jobId, body, { key: world.setting('GPU_CALLBACK_SECRET') });
  },
  { world: 'closed' },
);

/** A signature that is right but for what `change` does to it. */
function badSignature(name: string, change: (headers: Record<string, string>, world: World) => Record<string, string>) {
  unauthorized(name, (world) => change(signWebhook(FAILED, { key: target(world).token }), world));
}
for (const offset of [301, 3600, -301, -86_400]) {
  unauthorized(`a signature ${offset > 0 ? `${offset} s ahead` : `${-offset} s old`}`, (world) =>
    signWebhook(FAILED, { key: target(world).token, offset }),
  );
}
for (const [what, timestamp] of [
  ['in milliseconds', () => String(Date.now())],
  ['that is no number', () => 'now'],
  ['that is negative', () => '-1'],
  ['with a fraction', () => (Date.now() / 1000).toFixed(3)],
  ['in hexadecimal', () => `0x${Math.floor(Date.now() / 1000).toString(16)}`],
  ['that is infinite', () => '1e999'],
] as const) {
  unauthorized(`a signed timestamp ${what}`, (world) =>
    signWebhook(FAILED, { key: target(world).token, timestamp: timestamp() }),
  );
}
badSignature('a signature without an id', ({ 'webhook-id': _, ...rest }) => rest);
badSignature('a signature without a timestamp', ({ 'webhook-timestamp': _, ...rest }) => rest);
badSignature('a signature moved to another id', (headers) => ({ ...headers, 'webhook-id': 'msg_other' }));
badSignature('a signature moved to another second', (headers) => ({
  ...headers,
  'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1),
}));
badSignature('a signature under another version', (headers) => ({
  ...headers,
  'webhook-signature': (headers['webhook-signature'] ?? '').replace('v1,', 'v2,'),
}));
badSignature('a signature without a version', (headers) => ({
  ...headers,
  'webhook-signature': (headers['webhook-signature'] ?? '').slice(3),
}));
badSignature('an empty signature', (headers) => ({ ...headers, 'webhook-signature': 'v1,' }));
badSignature('a thousand wrong signatures at once', (headers) => ({
  ...headers,
  'webhook-signature': Array.from({ length: 200 }, (_, n) => `v1,${Buffer.from(`wrong ${n}`).toString('base64')}`).join(
    ' ',
  ),
}));
unauthorized('a signature under the global secret over a body that names no job', (world) =>
  signWebhook(FAILED, { key: world.setting('GPU_CALLBACK_SECRET') }),
);

callbacks.attack('each byte of a signed body changed', NO_CREDENTIAL, async (world) => {
  const { jobId, token } = target(world);
  const headers = signWebhook(FAILED, { key: token });
  return inTurn(FAILED.length, (n) => world.jobs.report({ jobId }, changed(FAILED, n), headers));
});
callbacks.attack('each byte of a signature changed', NO_CREDENTIAL, async (world) => {
  const { jobId, token } = target(world);
  const { 'webhook-signature': signature = '', ...rest } = signWebhook(FAILED, { key: token });
  // The last character before the padding carries bits that no byte needs, but the comparison is one of texts.
  return inTurn(signature.length, (n) =>
    world.jobs.report({ jobId }, FAILED, { ...rest, 'webhook-signature': changed(signature, n) }),
  );
});

const changed = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;

async function inTurn(count: number, send: (n: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let n = 0; n < count; n++) replies.push(await send(n));
  return replies;
}

/** What became of each result of a callback. */
export const outcomesOf = (reply: Reply): unknown =>
  (at(reply.json, 'data', 'items') as { outcome: string }[] | undefined)?.map(({ outcome }) => outcome).join();

callbacks.staged('a signed callback again inside the window changes nothing', answers(200), async (world) => {
  const job = await world.jobs.running(await world.signUp(), 2);
  const headers = signWebhook(FAILED, { key: job.token, offset: 299 });
  const first = await world.jobs.report(job, FAILED, headers);
  must(outcomesOf(first) === 'accepted', `the first one was not taken: ${first.body}`);
  return async () => {
    const replies = await inTurn(5, () => world.jobs.report(job, FAILED, headers));
    must(
      replies.every((reply) => outcomesOf(reply) === 'duplicate'),
      `a replay answered ${replies[0]?.body}`,
    );
    return replies;
  };
});
callbacks.staged(
  'a signed callback again outside the window',
  NO_CREDENTIAL,
  async (world) => {
    const job = await world.jobs.running(await world.signUp(), 2);
    const old = signWebhook(FAILED, { key: job.token, offset: -299 });
    must(outcomesOf(await world.jobs.report(job, FAILED, old)) === 'accepted', 'the first one was not taken');
    await passes(2100);
    return () => world.jobs.report(job, FAILED, old);
  },
  { long: true },
);
callbacks.staged('the id of a taken callback on another body, signed again', answers(200), async (world) => {
  const job = await world.jobs.running(await world.signUp(), 2);
  const id = 'msg_used-once';
  must(
    outcomesOf(await world.jobs.reportSigned(job.jobId, FAILED, { key: job.token, id })) === 'accepted',
    'the first one was not taken',
  );
  const other = JSON.stringify({ idx: 1, status: 'failed' });
  return async () => {
    const reply = await world.jobs.reportSigned(job.jobId, other, { key: job.token, id });
    must(outcomesOf(reply) === 'duplicate', `another body under a used id answered ${reply.body}`);
    return reply;
  };
});
callbacks.staged('a finished photo reported failed, and a failed one done', answers(200), async (world) => {
  const job = await world.jobs.running(await world.signUp(), 3);
  await world.jobs.putResults(job, [0]);
  const first = {
    items: [
      { idx: 0, status: 'done' },
      { idx: 1, status: 'failed' },
    ],
  };
  must(outcomesOf(await world.jobs.report(job, first)) === 'accepted,accepted', 'the first one was not taken');
  return async () => {
    const reply = await world.jobs.report(job, {
      items: [
        { idx: 0, status: 'failed' },
        { idx: 1, status: 'done' },
      ],
    });
    must(outcomesOf(reply) === 'duplicate,duplicate', `a contradiction answered ${reply.body}`);
    return reply;
  };
});
callbacks.staged(
  'results claimed done that were never stored are not charged',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.running(owner, 2);
    return async () => {
      const reply = await world.jobs.report(job, {
        items: [
          { idx: 0, status: 'done' },
          { idx: 1, status: 'done' },
        ],
      });
      const me = data(await world.query('user.me', undefined, { token: owner.token }));
      must(at(me, 'credits', 'spent') === 0, `they were charged: ${JSON.stringify(me)}`);
      return reply;
    };
  },
  { changes: [/^job\//, /^user\//, /^d1\//] },
);
callbacks.staged(
  'a text file and an empty one under the keys of results are not charged',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.running(owner, 2);
    for (const [idx, body] of ['this is no picture', ''].entries()) {
      const url = job.dispatch.items[idx]?.output_url ?? '';
      const { status } = await world.send(url, { method: 'PUT', headers: { 'content-type': 'image/png' }, body });
      must(status === 200, `a result's upload answered ${status}`);
    }
    return async () => {
      const items = [0, 1].map((idx) => ({ idx, status: 'done' }));
      const reply = await world.jobs.report(job, { items });
      const me = data(await world.query('user.me', undefined, { token: owner.token }));
      must(at(me, 'credits', 'spent') === 0, `they were charged: ${JSON.stringify(me)}`);
      return reply;
    };
  },
  { changes: [/^job\//, /^user\//, /^d1\//] },
);
callbacks.staged(
  'results for a job that was canceled',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.running(owner, 2);
    data(await world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }));
    return async () => {
      const reply = await world.jobs.report(job, {
        items: [
          { idx: 0, status: 'done' },
          { idx: 1, status: 'failed' },
        ],
      });
      must(outcomesOf(reply) === 'ignored,ignored', `late results answered ${reply.body}`);
      return reply;
    };
    // Late results are kept for the record, and for nothing else.
  },
  { changes: [/^job\/\w+\/event\//, /^job\/\w+\/job\//] },
);
