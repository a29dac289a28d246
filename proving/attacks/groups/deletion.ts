/** Deleting a user: he is gone for everybody at once, and comes back under nothing that he had. */

import { at, type Reply } from '../../world/bundle/http.ts';
import { CHOICE, PHOTO } from '../../world/bundle/jobs.ts';
import { data, uniqueKey, type World } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { ownership } from './ownership.ts';

const INVALID = answers(401, 'TOKEN_INVALID');
/** What goes of him, and the jobs' own clean-up. */
const GOES = [/^user\//, /^job\//, /^d1\//, /^r2\//, /^object\//];

/** A user with a running job, who was deleted a moment ago. */
async function deleted(world: World) {
  const user = await world.signUp();
  const job = await world.jobs.running(user, 2);
  data(await world.mutate('user.delete', undefined, { token: user.token }));
  return { user, job };
}

ownership.staged(
  "a deleted user's token at procedures of every kind",
  INVALID,
  async (world) => {
    const { user, job } = await deleted(world);
    const { token } = user;
    const photos = [{ contentType: 'image/jpeg', bytes: PHOTO.length }];
    const rule = { name: 'Again', presetId: 'interior', ...CHOICE };
    return async () => [
      await world.query('user.me', undefined, { token }),
      await world.query('user.export', undefined, { token }),
      await world.query('jobs.get', { jobId: job.jobId }, { token }),
      await world.mutate('auth.renew', undefined, { token }),
      await world.mutate('auth.revoke', undefined, { token }),
      await world.mutate('rules.create', rule, { token }),
      await world.mutate('jobs.create', { preset: 'interior', photos }, { token }),
      await world.mutate('jobs.create', { from: { jobId: job.jobId } }, { token }),
    ];
  },
  { changes: GOES },
);

ownership.staged(
  'credits anew by deleting oneself and signing up under the same key',
  answers([200, 401, 409], [null, 'TOKEN_INVALID', 'IDEMPOTENCY_CONFLICT']),
  async (world) => {
    const ip = world.freshIp();
    const key = `again-${uniqueKey()}-${uniqueKey()}`;
    const signUp = () => world.mutate('auth.anon', { idempotencyKey: key }, { ip });
    const token = String(at(data(await signUp()), 'token'));
    await world.jobs.created({ userId: String(at(data(await signUp()), 'userId')), token }, 1);
    data(await world.mutate('user.delete', undefined, { token }));
    return async () => {
      const replies: Reply[] = [await signUp()];
      const again = at(replies[0]?.json, 'result', 'data', 'json', 'token');
      if (typeof again !== 'string') return replies;
      const me = await world.query('user.me', undefined, { token: again });
      must(me.status === 401, `the deleted user is back: ${me.body.slice(0, 200)}`);
      return [...replies, me];
    };
  },
  { changes: GOES },
);

ownership.staged(
  'results and ticket of a deleted user',
  answers([200, 401, 404], [null, 'AUTH_REQUIRED', 'JOB_NOT_FOUND']),
  async (world) => {
    const { job } = await deleted(world);
    return async () => {
      const late = await world.jobs.report(job, { idx: 0, status: 'done' });
      const seen = await world.query('jobs.get', { jobId: job.jobId }, { token: world.attacker.token });
      must(seen.status === 404, `a stranger is told of his job: ${seen.body.slice(0, 200)}`);
      return [late, seen];
    };
  },
  { changes: GOES },
);
