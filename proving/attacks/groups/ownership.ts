/**
 * Ownership: what is somebody else's looks exactly like what does not exist. The two-user matrix has a row for every procedure
 * of the router; proving/test/attack.test.ts fails when one is missing.
 */

import { at, type Reply } from '../../world/bundle/http.ts';
import { CHOICE } from '../../world/bundle/jobs.ts';
import { data, type JobStage, uniqueKey, type World } from '../../world/bundle/world.ts';
import { answers, Group, must } from '../attack.ts';

export const ownership = new Group('ownership');
const STAGES: JobStage[] = ['created', 'uploaded', 'running', 'done'];
const NOT_FOUND = answers(404, ['JOB_NOT_FOUND', 'RULE_NOT_FOUND']);
const NO_PROCEDURE = answers(404, 'NOT_FOUND', /no such procedure/);

type Ids = { jobId: string; ruleId: string };
type Row =
  /** Names something by its id: asked for what is the victim's in every state, and for what is nobody's. */
  | { kind: 'named'; type: 'query' | 'mutation'; input(ids: Ids, world: World): unknown }
  /** Names nothing of a user's: told the victim's id, it must not listen. */
  | { kind: 'own'; type: 'query' | 'mutation'; input: unknown }
  /** For operators: does not exist for a user. */
  | { kind: 'admin'; type: 'query' | 'mutation'; input(ids: Ids & { userId: string }): unknown }
  /** Its own door: groups/watch.ts. */
  | { kind: 'socket' };

const named = (type: 'query' | 'mutation', input: (ids: Ids, world: World) => unknown): Row => ({
  kind: 'named',
  type,
  input,
});
const own = (type: 'query' | 'mutation', input: unknown = {}): Row => ({ kind: 'own', type, input });
const admin = (type: 'query' | 'mutation', input: (ids: Ids & { userId: string }) => unknown): Row => ({
  kind: 'admin',
  type,
  input,
});

const RULE = { presetId: 'interior', concepts: { Wall: { action: 'remove' } } };

export const MATRIX: Readonly<Record<string, Row>> = {
  'auth.anon': own('mutation'),
  'auth.renew': own('mutation', undefined),
  'auth.revoke': own('mutation', undefined),
  'user.me': own('query'),
  'user.ledger': own('query'),
  'user.export': own('query'),
  'user.delete': own('mutation'),
  'presets.list': own('query', undefined),
  'presets.get': own('query', { id: 'interior' }),
  'rules.create': own('mutation', { name: 'Mine', ...RULE }),
  'rules.list': own('query', undefined),
  'rules.get': named('query', ({ ruleId }) => ({ id: ruleId })),
  'rules.update': named('mutation', ({ ruleId }) => ({ id: ruleId, name: 'Taken' })),
  'rules.delete': named('mutation', ({ ruleId }) => ({ id: ruleId })),
  'jobs.estimate': own('query', { preset: 'interior', photos: 1 }),
  'jobs.list': own('query'),
  'jobs.create': named('mutation', ({ jobId }) => ({ from: { jobId } })),
  'jobs.renewUploads': named('mutation', ({ jobId }) => ({ jobId, indexes: [0] })),
  'jobs.confirmUpload': named('mutation', ({ jobId }) => ({ jobId })),
  'jobs.execute': named('mutation', ({ jobId }) => ({ jobId, ...CHOICE })),
  'jobs.get': named('query', ({ jobId }) => ({ jobId })),
  'jobs.downloads': named('mutation', ({ jobId }) => ({ jobId, files: [{ idx: 0, kind: 'original', name: 'x' }] })),
  'jobs.cancel': named('mutation', ({ jobId }) => ({ jobId })),
  'jobs.delete': named('mutation', ({ jobId }) => ({ jobId })),
  'jobs.watch': { kind: 'socket' },
  'admin.setPlan': admin('mutation', ({ userId }) => ({ userId, plan: 'pro' })),
  'admin.grantCredits': admin('mutation', ({ userId }) => ({
    userId,
    amount: 5,
    reason: 'mine',
    idempotencyKey: uniqueKey(),
  })),
  'admin.adopt': admin('mutation', ({ userId }) => ({
    userId,
    plan: 'pro',
    credits: 1_000,
    deviceHash: null,
    createdAt: 0,
    rules: [],
  })),
  'admin.deleteUser': admin('mutation', ({ userId }) => ({ userId })),
  'admin.job': admin('query', ({ jobId }) => ({ jobId })),
  'admin.listDeadLetters': admin('query', () => ({})),
  'admin.requeue': admin('mutation', ({ jobId }) => ({ jobId, idempotencyKey: uniqueKey() })),
  'admin.reconcile': admin('mutation', ({ userId }) => ({ userId })),
  'admin.health': admin('query', () => undefined),
};

const call = (world: World, type: 'query' | 'mutation', path: string, input: unknown, token: string): Promise<Reply> =>
  type === 'query' ? world.query(path, input, { token }) : world.mutate(path, input, { token });

/** An id of this namespace's form that names nothing. */
const ABSENT = { jobId: 'ab'.repeat(32), ruleId: 'rul_00000000-0000-4000-8000-000000000000' };

/** What tells one answer from another, without what differs between any two requests. */
const face = ({ status, body }: Reply): string => `${status} ${body.replace(/req_[\w-]+/g, 'req_')}`;

for (const [path, row] of Object.entries(MATRIX)) {
  if (row.kind === 'named') foreignLooksAbsent(path, row);
  if (row.kind === 'own') tellsOnlyOwn(path, row);
  if (row.kind === 'admin') isNotThere(path, row);
}

function foreignLooksAbsent(path: string, { type, input }: Row & { kind: 'named' }): void {
  ownership.attack(`${path} of what is another user's, in every state`, NOT_FOUND, async (world) => {
    const { victim, attacker } = world;
    const absent = await call(world, type, path, input(ABSENT, world), attacker.token);
    const replies: Reply[] = [absent];
    for (const stage of STAGES) {
      const ids = { jobId: victim.jobs[stage].jobId, ruleId: victim.ruleId };
      const foreign = await call(world, type, path, input(ids, world), attacker.token);
      must(face(foreign) === face(absent), `${stage} answers ${face(foreign)}\n    and absent ${face(absent)}`);
      replies.push(foreign);
    }
    return replies;
  });
}

const othersThan = (userId: string): RegExp[] =>
  ['user/', 'd1/users/'].map((folder) => new RegExp(`^${folder}(?!${userId}(/|$))`));

/** Ids of the victim as extra fields: refused, or not listened to. */
function tellsOnlyOwn(path: string, { type, input }: Row & { kind: 'own' }): void {
  ownership.staged(
    `${path} with the victim's ids added`,
    answers([200, 400], [null, 'VALIDATION_ERROR']),
    async (world) => {
      const { victim } = world;
      const fresh = await world.signUp();
      const { userId, ruleId } = victim;
      const given = {
        ...(input as object),
        userId,
        user_id: userId,
        sub: userId,
        ruleId,
        owner: userId,
        jobId: victim.jobs.done.jobId,
      };
      return async () => {
        const plain = type === 'query' ? await call(world, type, path, input, fresh.token) : null;
        const reply = await call(world, type, path, given, fresh.token);
        must(
          plain === null || reply.status !== 200 || face(reply) === face(plain),
          `with the victim's ids it answers ${face(reply)}\n    and without ${plain && face(plain)}`,
        );
        for (const secret of [userId, ruleId, victim.jobs.done.jobId]) {
          must(!reply.body.includes(secret), `it shows the victim's ${secret}: ${reply.body.slice(0, 300)}`);
        }
        return reply;
      };
    },
    {
      changes: ({ victim: { userId } }) => [...othersThan(userId), /^object\/user\//, /^d1\/(rules|billing_events)\//],
    },
  );
}

function isNotThere(path: string, { type, input }: Row & { kind: 'admin' }): void {
  ownership.attack(`${path} by a user, and by nobody`, NO_PROCEDURE, async (world) => {
    const { victim, attacker } = world;
    const ids = { jobId: victim.jobs.done.jobId, ruleId: victim.ruleId, userId: attacker.userId };
    const tokens = [attacker.token, '', 'null', 'undefined', 'admin', world.setting('ADMIN_SECRET').slice(0, -1)];
    return Promise.all(tokens.map((token) => call(world, type, path, input(ids), token)));
  });
}

ownership.staged("jobs.execute of one's own job with another user's rule", NOT_FOUND, async (world) => {
  const owner = await world.signUp();
  const job = await world.jobs.uploaded(owner, 1);
  return () => world.mutate('jobs.execute', { jobId: job.jobId, ruleId: world.victim.ruleId }, { token: owner.token });
});
ownership.attack("lists with cursors that point among another user's jobs", answers([200, 400]), async (world) => {
  const { victim, attacker } = world;
  const ids = [victim.jobs.done.jobId, victim.jobs.running.jobId, '\u007f', '~'];
  const replies = await Promise.all(
    ids.flatMap((id) =>
      [
        { path: 'jobs.list', before: '' },
        { path: 'user.ledger', before: '' },
        { path: 'user.export', before: 'jobs:' },
        { path: 'user.export', before: 'receipts:' },
      ].map(({ path, before }) =>
        world.query(path, { cursor: `${before}zzzzzzzzzz.${id}`, limit: 100 }, { token: attacker.token }),
      ),
    ),
  );
  for (const { body } of replies) {
    for (const job of Object.values(victim.jobs))
      must(!body.includes(job.jobId), `a list shows a foreign job: ${body.slice(0, 300)}`);
  }
  return replies;
});
ownership.attack('the same calls of the owner are not refused as absent', answers(200), async (world) => {
  const { victim } = world;
  const { token } = victim;
  const seen = await world.query('jobs.get', { jobId: victim.jobs.done.jobId }, { token });
  must(at(seen.json, 'result', 'data', 'json', 'status') === 'done', `the owner is told ${seen.body.slice(0, 300)}`);
  return [seen, await world.query('rules.get', { id: victim.ruleId }, { token })];
});
ownership.staged(
  "another user's idempotency key",
  answers(200),
  async (world) => {
    const [first, second] = [await world.signUp(), await world.signUp()];
    const key = uniqueKey();
    const input = { preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 10 }], idempotencyKey: key };
    const jobId = at(data(await world.mutate('jobs.create', input, { token: first.token })), 'jobId');
    return async () => {
      const reply = await world.mutate('jobs.create', input, { token: second.token });
      must(at(data(reply), 'jobId') !== jobId, 'two users share a job by sharing a key');
      return reply;
    };
  },
  { changes: [/^user\//, /^object\/job\//] },
);
ownership.attack(
  'ids that the server did not mint',
  answers([400, 404], ['JOB_NOT_FOUND', 'VALIDATION_ERROR']),
  async (world) => {
    const { victim, attacker } = world;
    const real = victim.jobs.created.jobId;
    const ids = [
      '0'.repeat(64),
      'f'.repeat(64),
      real.toUpperCase(),
      real.slice(1),
      `${real} `,
      ` ${real}`,
      `${real}\0`,
    ];
    const odd = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      '.',
      '..',
      "' OR 1=1 --",
      '%',
      '💥',
      'x'.repeat(128),
      'x'.repeat(129),
    ];
    const calls = ['jobs.get', 'jobs.cancel', 'jobs.delete', 'jobs.confirmUpload'];
    const replies: Reply[] = [];
    for (const jobId of [...ids, ...odd]) {
      for (const path of calls) {
        const type = path === 'jobs.get' ? 'query' : 'mutation';
        replies.push(await call(world, type, path, { jobId }, attacker.token));
      }
    }
    return replies;
  },
);
