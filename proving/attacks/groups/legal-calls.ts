/** Legal calls: what an account may do, done over and over. What it takes from the others stays within what it paid and its plan's day. */
import { randomUUID } from 'node:crypto';
import { at, type Reply } from '../../world/bundle/http.ts';
import { CHOICE, PHOTO, untilDispatch } from '../../world/bundle/jobs.ts';
import { data, text, type User, type World } from '../../world/bundle/world.ts';
import { DAY, lookUntil, SECOND } from '../../world/clock.ts';
import { answers, Group, must } from '../attack.ts';

export const legalCalls = new Group('legal calls');

export const OWN = [/^(user|job|object|gpu|r2)\//, /^d1\//];
export const PLENTY = { world: 'daily', changes: OWN } as const;
export const RULE = { name: 'oak', presetId: 'interior', concepts: CHOICE.concepts } as const;

/** Photos that the day of all counts today. */
export async function counted(world: World): Promise<number> {
  const ceilings = await world.production.objectStorage('USER_LIMITER', { name: 'ceilings' });
  const day = Math.floor(Date.now() / DAY);
  try {
    return Number((await ceilings.exec(`SELECT photos FROM day WHERE day = ${day}`))[0]?.photos ?? 0);
  } catch (error) {
    // Nobody has claimed anything yet.
    if (error instanceof Error && error.message.includes('no such table')) return 0;
    throw error;
  }
}

/** Waits until the day of all counts no more than `most`: what was not sent is given back a moment after its job has settled. */
export async function givenBack(world: World, most: number): Promise<void> {
  const left = await lookUntil(
    () => counted(world),
    (photos) => photos <= most,
    { patience: 5 * SECOND, pause: 50 },
  );
  must(left <= most, `${left} photos of everybody's day stay taken, where ${most} are paid for or allowed`);
}

/** What `run` does while the provider takes nothing: no photo of it was ever sent. @param after when the provider says so */
export async function whileRefused<T>(world: World, run: () => Promise<T>, after?: Promise<void>): Promise<T> {
  world.gpu.script.dispatch = async () => {
    await after;
    return new Response('not now', { status: 503 });
  };
  try {
    return await run();
  } finally {
    world.gpu.accept();
  }
}

/** Waits until the job knows that the provider did not take it. */
async function untilRefused(world: World, jobId: string): Promise<void> {
  await world.gpu.dispatchOf(jobId);
  await untilDispatch(world.production, jobId, 'none');
}

const forked = async (world: World, { token }: User, jobId: string): Promise<Reply> =>
  world.mutate('jobs.create', { from: { jobId } }, { token });
export const execute = (
  world: World,
  { token }: User,
  jobId: string,
  key = `execute-${randomUUID()}`,
): Promise<Reply> => world.mutate('jobs.execute', { jobId, ...CHOICE, idempotencyKey: key }, { token });
const cancel = (world: World, { token }: User, jobId: string): Promise<Reply> =>
  world.mutate('jobs.cancel', { jobId }, { token });

/** Another user's job goes its way from the first call to its last. */
export async function othersWork(world: World): Promise<void> {
  const job = await world.jobs.done(await world.signUp(), 1);
  must(job.photos === 1, "another user's job did not come to its end");
}

legalCalls.staged(
  'create from a job, execute, cancel, over and over: the day of all is as it was, and others work',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const before = await counted(world);
    return async () => {
      await whileRefused(world, async () => {
        const source = await world.jobs.uploaded(owner, 5);
        data(await execute(world, owner, source.jobId));
        data(await cancel(world, owner, source.jobId));
        for (let round = 0; round < 5; round++) {
          const made = text(data(await forked(world, owner, source.jobId)), 'jobId');
          data(await execute(world, owner, made));
          // Some while the provider is asked, some after it has refused.
          if (round % 2 === 0) await untilRefused(world, made);
          data(await cancel(world, owner, made));
          await givenBack(world, before);
        }
      });
      await othersWork(world);
      return [];
    };
  },
  PLENTY,
);

legalCalls.staged(
  'photos sent and canceled: ALLOWANCE_EXHAUSTED beyond those of the plan, and the job waits',
  answers(429, 'ALLOWANCE_EXHAUSTED', /"until":"\d{4}-/),
  async (world) => {
    const owner = await world.signUp();
    for (let nth = 0; nth < 2; nth++) {
      const { jobId } = await world.jobs.running(owner, 10);
      data(await cancel(world, owner, jobId));
    }
    const { jobId } = await world.jobs.uploaded(owner, 1);
    return async () => {
      const replies = [];
      for (let nth = 0; nth < 3; nth++) replies.push(await execute(world, owner, jobId));
      const status = at(data(await world.query('jobs.get', { jobId }, { token: owner.token })), 'status');
      must(status === 'uploaded', `the job is ${status}`);
      await othersWork(world);
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'execute and cancel at the same moment: nothing of everybody’s day stays taken',
  answers([200, 409, 404], [null, 'ALREADY_CANCELED', 'INVALID_TRANSITION', 'JOB_NOT_FOUND']),
  async (world) => {
    const owner = await world.signUp();
    const before = await counted(world);
    return async () => {
      const replies: Reply[] = [];
      await whileRefused(world, async () => {
        for (let round = 0; round < 4; round++) {
          const { jobId } = await world.jobs.uploaded(owner, 2);
          replies.push(...(await Promise.all([execute(world, owner, jobId), cancel(world, owner, jobId)])));
          await cancel(world, owner, jobId);
        }
        const { jobId } = await world.jobs.uploaded(owner, 2);
        replies.push(await execute(world, owner, jobId), await cancel(world, owner, jobId));
        await givenBack(world, before);
      });
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'execute, and cancel while the provider is still asked: what it then refuses is given back',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const { jobId } = await world.jobs.uploaded(owner, 5);
    const before = await counted(world);
    return async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const replies: Reply[] = [];
      const ask = async () => {
        replies.push(await execute(world, owner, jobId));
        await world.gpu.dispatchOf(jobId);
        replies.push(await cancel(world, owner, jobId));
        resolve();
        await givenBack(world, before);
      };
      await whileRefused(world, () => ask().finally(resolve), promise);
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'execute repeated, under one key and under others: counted once',
  answers([200, 409], [null, 'INVALID_TRANSITION']),
  async (world) => {
    const owner = await world.signUp();
    const { jobId } = await world.jobs.uploaded(owner, 3);
    const before = await counted(world);
    return async () => {
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, nth) => execute(world, owner, jobId, nth < 6 ? 'execute-once' : undefined)),
      );
      must((await counted(world)) === before + 3, 'the photos are counted more than once');
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'create and cancel, over and over: RATE_LIMITED beyond the jobs of a day, for that account alone',
  answers([200, 429], [null, 'RATE_LIMITED']),
  async (world) => {
    const owner = await world.signUp();
    const photo = { contentType: 'image/jpeg', bytes: PHOTO.length };
    return async () => {
      const replies: Reply[] = [];
      for (let nth = 0; nth < 34; nth++) {
        const reply = await world.mutate(
          'jobs.create',
          { preset: 'interior', photos: [photo] },
          { token: owner.token },
        );
        replies.push(reply);
        if (reply.status === 200) await cancel(world, owner, text(data(reply), 'jobId'));
      }
      const taken = replies.filter(({ status }) => status === 200).length;
      must(taken === 30, `${taken} jobs were created on the free plan's day`);
      await othersWork(world);
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'rules created and deleted, over and over: bounded by the day, and D1 keeps a name of each',
  answers([200, 429], [null, 'RATE_LIMITED']),
  async (world) => {
    const { token, userId } = await world.signUp();
    return async () => {
      const replies: Reply[] = [];
      for (let nth = 0; nth < 110; nth++) {
        const reply = await world.mutate('rules.create', RULE, { token });
        replies.push(reply);
        if (reply.status === 200)
          replies.push(await world.mutate('rules.delete', { id: text(data(reply), 'id') }, { token }));
      }
      const made = replies.filter(({ status }) => status === 200).length;
      must(made <= 200, `${made} changes were taken in a day`);
      const rows = [...(await world.snapshot())].filter(
        ([path, row]) => path.startsWith('d1/rules/') && row.includes(userId),
      );
      const kept = rows.filter(([, row]) => !row.includes('"concepts_json":"{}"'));
      must(kept.length === 0, `${kept.length} deleted rules keep what they said`);
      return replies;
    };
  },
  PLENTY,
);

legalCalls.staged(
  'two changes of a rule at once: neither is lost',
  answers(200),
  async (world) => {
    const { token } = await world.signUp();
    const id = text(data(await world.mutate('rules.create', RULE, { token })), 'id');
    return async () => {
      const replies = await Promise.all([
        world.mutate('rules.update', { id, name: 'birch' }, { token }),
        world.mutate('rules.update', { id, protect: ['Grout'] }, { token }),
      ]);
      const rule = data(await world.query('rules.get', { id }, { token }));
      must(at(rule, 'name') === 'birch', 'the new name is lost');
      must(JSON.stringify(at(rule, 'protect')) === '["Grout"]', 'the new protects are lost');
      return replies;
    };
  },
  PLENTY,
);
