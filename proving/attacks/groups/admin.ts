import { uniqueKey, type World } from '../../world/bundle/world.ts';
import { answers, Group, must } from '../attack.ts';
import { NO_PROCEDURE } from './secrets.ts';

export const admin = new Group('secrets');

const ADMIN_CALLS = (world: World): [path: string, type: 'query' | 'mutation', input: unknown][] => [
  ['admin.health', 'query', undefined],
  ['admin.listDeadLetters', 'query', {}],
  ['admin.job', 'query', { jobId: 'ab'.repeat(32) }],
  ['admin.setPlan', 'mutation', { userId: world.victim?.userId ?? 'usr_x', plan: 'pro' }],
  [
    'admin.grantCredits',
    'mutation',
    { userId: world.victim?.userId ?? 'usr_x', amount: 1, reason: 'x', idempotencyKey: uniqueKey() },
  ],
  ['admin.reconcile', 'mutation', {}],
  ['admin.requeue', 'mutation', { jobId: 'ab'.repeat(32), idempotencyKey: uniqueKey() }],
];
const adminWith = (world: World, token: string | undefined) =>
  Promise.all(
    ADMIN_CALLS(world).map(([path, type, input]) =>
      (type === 'query' ? world.query : world.mutate).call(world, path, input, token === undefined ? {} : { token }),
    ),
  );
for (const [what, tokenOf] of [
  ['without a secret', () => undefined],
  ['with an empty secret', () => ''],
  ['with a wrong secret of the right length', (secret: string) => 'x'.repeat(secret.length)],
  ['with all but the last character of the secret', (secret: string) => secret.slice(0, -1)],
  ['with the secret and one character more', (secret: string) => `${secret}x`],
  ['with the secret in capitals', (secret: string) => secret.toUpperCase()],
] as const) {
  admin.attack(`admin ${what}`, NO_PROCEDURE, (world) => adminWith(world, tokenOf(world.setting('ADMIN_SECRET'))));
}
admin.attack('admin with a user token that says role admin', NO_PROCEDURE, async (world) => {
  const { hs256, claims } = await import('../../world/bundle/jwt.ts');
  const token = hs256(
    world.setting('JWT_SECRET'),
    claims(world.attacker.userId, 0, { role: 'admin', admin: true, scope: '*' }),
  );
  return adminWith(world, token);
});
for (const token of ['', 'undefined', 'null', 'local-production-admin-secret-for-tests-only']) {
  admin.attack(`admin where no secret is set, with "${token}"`, NO_PROCEDURE, (world) => adminWith(world, token), {
    world: 'closed',
  });
}
admin.attack('with bad input, an admin procedure looks no different from none', NO_PROCEDURE, async (world) => [
  await world.mutate('admin.grantCredits', { amount: -1 }, { token: world.attacker.token }),
  await world.query('admin.nothing', {}, { token: world.attacker.token }),
]);

admin.attack(
  'a deployment with weak secrets serves nobody, and says which but not what',
  answers(503),
  async (world) => {
    const replies = [
      await world.send('/health'),
      await world.mutate('auth.anon', {}),
      await world.query('user.me', undefined, { token: 'x' }),
      await world.send(`/jobs/${'ab'.repeat(32)}/callback`, { method: 'POST', body: '{}' }),
      await world.send(`/trpc/watch/${'ab'.repeat(32)}?ticket=x`),
    ];
    for (const { body } of replies) {
      must(body.includes('JWT_SECRET'), `it does not name the setting: ${body.slice(0, 300)}`);
      must(!/weak-canary|weak-callback-canary|weak-admin/.test(body), 'it shows a secret');
    }
    return replies;
  },
  { world: 'weak' },
);
