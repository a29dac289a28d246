/** The network: who may call from where, what every answer carries, and where the service itself may be led to call. */

import { redirectTo } from '../../world/bundle/gpu.ts';
import type { Reply } from '../../world/bundle/http.ts';
import { CHOICE } from '../../world/bundle/jobs.ts';
import { data, type World } from '../../world/bundle/world.ts';
import { until } from '../../world/clock.ts';
import { answers, Group, must } from '../attack.ts';

export const network = new Group('network');
const ANY = answers([200, 204, 400, 401, 404, 405, 413]);
const FOREIGN = [
  'https://evil.test',
  'null',
  'https://app.test.evil.test',
  'https://evilapp.test',
  'http://app.test',
  'https://app.test:8443',
  'https://sub.app.test',
  'https://app.test/',
  'HTTPS://APP.TEST',
];

const header = (reply: Reply, name: string): string | undefined => reply.headers[name];

for (const origin of FOREIGN) {
  network.attack(`CORS from ${origin}`, ANY, async (world) => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const replies = await Promise.all([
      world.send('/trpc/rules.create', { method: 'OPTIONS', headers }),
      world.query('user.me', undefined, { token: world.victim.token, headers: { origin } }),
      world.send('/health', { headers: { origin } }),
    ]);
    for (const reply of replies) {
      const allowed = header(reply, 'access-control-allow-origin');
      must(allowed === undefined, `it allows ${allowed}`);
    }
    return replies;
  });
}
network.attack('CORS from the origin on the list, with credentials', ANY, async (world) => {
  const origin = 'https://app.test';
  const replies = await Promise.all([
    world.send('/trpc/user.me', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } }),
    world.query('user.me', undefined, { token: world.victim.token, headers: { origin } }),
  ]);
  for (const reply of replies) {
    must(header(reply, 'access-control-allow-origin') === origin, 'the origin on the list is not allowed');
    must(header(reply, 'access-control-allow-credentials') === undefined, 'credentials are allowed');
    must(/\borigin\b/i.test(header(reply, 'vary') ?? ''), 'a cache may give the answer to another origin');
  }
  return replies;
});
network.attack(
  'an answer without its security headers',
  answers([200, 204, 400, 401, 404, 405, 413, 415, 426]),
  async (world) => {
    const { jobId } = world.victim.jobs.running;
    const replies = await Promise.all([
      world.send('/health'),
      world.send('/'),
      world.send('/trpc/presets.list'),
      world.send('/trpc/nothing'),
      world.query('user.me'),
      world.mutate('rules.create', {}),
      world.send('/trpc/user.me', { method: 'OPTIONS' }),
      world.send(`/jobs/${jobId}/callback`, { method: 'POST', body: '{}' }),
      world.send(`/trpc/watch/${jobId}`),
      world.mutate('rules.create', { name: 'x'.repeat(300_000) }),
    ]);
    const wanted: Record<string, RegExp> = {
      'x-content-type-options': /^nosniff$/,
      'referrer-policy': /^no-referrer$/,
      'cache-control': /no-store/,
      'strict-transport-security': /max-age=\d{7,}/,
      'content-security-policy': /default-src 'none'/,
      'x-request-id': /^req_[\w-]+$/,
    };
    for (const reply of replies.filter(({ status }) => status !== 0)) {
      for (const [name, pattern] of Object.entries(wanted)) {
        must(pattern.test(header(reply, name) ?? ''), `an answer ${reply.status} has ${name}: ${header(reply, name)}`);
      }
      must(
        header(reply, 'server') === undefined && header(reply, 'x-powered-by') === undefined,
        'it names its software',
      );
    }
    return replies;
  },
);
network.attack("a request id of the client's own", answers(200), async (world) => {
  const forged = 'req_forged-by-the-client';
  const reply = await world.send('/health', { headers: { 'x-request-id': forged } });
  must(!reply.body.includes(forged) && header(reply, 'x-request-id') !== forged, 'the id of the client is taken');
  return reply;
});

network.staged(
  'a provider that redirects to an internal address',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.uploaded(owner, 1);
    const heard = world.gpu.dispatched.length;
    return async () => {
      world.gpu.script.dispatch = () => redirectTo(`${world.gpu.internalUrl}/metadata`);
      try {
        const reply = await world.mutate('jobs.execute', { jobId: job.jobId, ...CHOICE }, { token: owner.token });
        await world.gpu.dispatchOf(job.jobId);
        await logged(world, job.jobId, 'dispatch.refused');
        must(world.gpu.dispatched.length > heard, 'the provider was never asked');
        return reply;
      } finally {
        world.gpu.accept();
        data(await world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }));
      }
    };
  },
  { changes: [/^job\//, /^user\//, /^d1\//, /^gpu\//] },
);

/** Until the Worker has logged `event` of this job. */
const logged = (world: World, jobId: string, event: string): Promise<void> =>
  until(
    () => world.logs.some((line) => line.includes(`"event":"${event}"`) && line.includes(jobId)),
    `${event} of job ${jobId}`,
    { pause: 50 },
  );

network.staged(
  "a callback address from the request's Host",
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.uploaded(owner, 1);
    return async () => {
      const headers = {
        host: 'evil.test',
        'x-forwarded-host': 'evil.test',
        forwarded: 'host=evil.test',
        'x-original-url': 'http://evil.test',
      };
      const reply = await world.mutate(
        'jobs.execute',
        { jobId: job.jobId, ...CHOICE },
        { token: owner.token, headers },
      );
      const { message } = await world.gpu.dispatchOf(job.jobId);
      must(message.callback_url.startsWith(`${world.url}/jobs/`), `the worker is to call ${message.callback_url}`);
      await logged(world, job.jobId, 'dispatch.accepted');
      return reply;
    };
  },
  { changes: [/^job\//, /^user\//, /^gpu\//] },
);
network.attack(
  'addresses where texts belong: none is ever fetched',
  answers([200, 400, 404], [null, 'VALIDATION_ERROR', 'JOB_NOT_FOUND', 'RULE_NOT_FOUND', 'PRESET_NOT_FOUND']),
  async (world) => {
    const url = `${world.gpu.internalUrl}/ssrf`;
    const { token } = world.attacker;
    const { jobId } = world.attacker.job;
    return [
      await world.mutate(
        'rules.create',
        { name: url, presetId: url, concepts: { Wall: { action: 'recolor', value: url } } },
        { token },
      ),
      await world.mutate(
        'jobs.create',
        { preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 9, url }], from: url },
        { token },
      ),
      await world.mutate(
        'jobs.execute',
        { jobId, concepts: { Wall: { action: 'remove' } }, outputTemplate: url },
        { token },
      ),
      await world.mutate(
        'jobs.execute',
        { jobId, concepts: { Wall: { action: 'remove' } }, callback_url: url },
        { token },
      ),
      await world.mutate('jobs.confirmUpload', { jobId: url }, { token }),
      await world.query('presets.get', { id: url }),
    ];
  },
);
network.attack('files and tools that have no place in a deployment', answers([400, 403, 404, 405]), (world) =>
  Promise.all(
    [
      '/panel',
      '/panel/',
      '/panel.html',
      '/.dev.vars',
      '/.env',
      '/.git/config',
      '/wrangler.toml',
      '/package.json',
      '/index.js.map',
      '/trpc',
      '/trpc/panel',
      '/trpc/../.dev.vars',
      '//trpc/user.me',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/jobs',
      '/jobs/../health/../panel',
      '/admin',
      '/metrics',
      '/debug',
    ].map((path) => world.send(path)),
  ),
);
network.attack('other methods and paths on health', answers([400, 404, 405, 501]), (world) =>
  Promise.all([
    ...['POST', 'PUT', 'DELETE'].map((method) => world.send('/health', { method, body: '{}' })),
    world.send('/health//'),
    world.send('/HEALTH'),
    world.send('/health/../trpc'),
  ]),
);
