/** Sign-up and cost, continued: money out of calls that race, or that ask for more than there is. */

import { at } from '../../world/bundle/http.ts';
import { data, uniqueKey } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { credits, signUp } from './sign-up.ts';

const photos = (count: number) => ({
  preset: 'interior',
  photos: Array.from({ length: count }, () => ({ contentType: 'image/jpeg', bytes: 9 })),
});
signUp.staged(
  'fifty jobs at once on a plan of one',
  answers([200, 429], [null, 'CONCURRENCY_LIMIT']),
  async (world) => {
    const { token } = await world.signUp();
    return async () => {
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => world.mutate('jobs.create', photos(1), { token })),
      );
      const taken = replies.filter(({ status }) => status === 200).length;
      must(taken === 1, `${taken} jobs were created`);
      must((await credits(world, token, 'balance')) === 9, 'more than one credit is held');
      return replies;
    };
  },
  { changes: [/^user\//, /^object\/job\//] },
);
signUp.staged(
  'one key for fifty creates at once: one job',
  answers(200),
  async (world) => {
    // With credits and slots for all of them, so that nothing else is in the way.
    const { token } = await world.signUpPro();
    const input = { ...photos(2), idempotencyKey: uniqueKey() };
    return async () => {
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => world.mutate('jobs.create', input, { token })),
      );
      must(new Set(replies.map((reply) => at(data(reply), 'jobId'))).size === 1, 'more than one job was created');
      must((await credits(world, token, 'held')) === 2, 'credits are held more than once');
      return replies;
    };
  },
  { changes: [/^user\//, /^object\/job\//] },
);
signUp.staged('a key used again for other photos', answers(409, 'IDEMPOTENCY_CONFLICT'), async (world) => {
  const { token } = await world.signUp();
  const idempotencyKey = uniqueKey();
  data(await world.mutate('jobs.create', { ...photos(1), idempotencyKey }, { token }));
  return () => world.mutate('jobs.create', { ...photos(9), idempotencyKey }, { token });
});
signUp.staged(
  'more photos than the plan takes, and than there are credits',
  answers([400, 402], ['ITEM_LIMIT', 'CREDITS_EXHAUSTED']),
  async (world) => {
    const [poor, spent] = [await world.signUp(), await world.signUp()];
    const job = await world.jobs.done(spent, 5);
    must(job.photos === 5, 'the first job is another one');
    return async () => [
      await world.mutate('jobs.create', photos(11), { token: poor.token }),
      await world.mutate('jobs.create', photos(200), { token: poor.token }),
      await world.mutate('jobs.create', photos(6), { token: spent.token }),
    ];
  },
);
signUp.staged(
  'twenty cancels at once refund once',
  answers([200, 409]),
  async (world) => {
    const { token, userId } = await world.signUp();
    const job = await world.jobs.running({ token, userId }, 5);
    return async () => {
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => world.mutate('jobs.cancel', { jobId: job.jobId }, { token })),
      );
      must((await credits(world, token, 'balance')) === 10, 'the refund is not what was held');
      return replies;
    };
  },
  { changes: [/^job\//, /^user\//, /^d1\//] },
);
signUp.staged(
  'cancel and results at once: each photo charged or refunded, once',
  answers([200, 409]),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.running(owner, 4);
    await world.jobs.putResults(job, [0]);
    await world.jobs.putResults(job, [1]);
    return async () => {
      const done = {
        items: [
          { idx: 0, status: 'done' },
          { idx: 1, status: 'done' },
        ],
      };
      const replies = await Promise.all([
        world.jobs.report(job, done),
        world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }),
        world.jobs.report(job, done),
        world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }),
      ]);
      const spent = Number(await credits(world, owner.token, 'spent'));
      must(spent <= 2 && (await credits(world, owner.token, 'held')) === 0, `spent ${spent}`);
      return replies;
    };
  },
  { changes: [/^job\//, /^user\//, /^d1\//] },
);
signUp.staged(
  'an admin grant with a key used before: granted once',
  answers([200, 409]),
  async (world) => {
    const { userId, token } = await world.signUp();
    const admin = { token: world.setting('ADMIN_SECRET') };
    const input = { userId, amount: 5, reason: 'test', idempotencyKey: uniqueKey() };
    data(await world.mutate('admin.grantCredits', input, admin));
    return async () => {
      const replies = await Promise.all([
        ...Array.from({ length: 10 }, () => world.mutate('admin.grantCredits', input, admin)),
        world.mutate('admin.grantCredits', { ...input, amount: 500 }, admin),
      ]);
      must((await credits(world, token)) === 15, 'it was granted more than once');
      return replies;
    };
  },
  { changes: [/^user\/.*\/account\//, /^d1\/users\//] },
);
