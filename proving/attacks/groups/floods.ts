import { at } from '../../world/bundle/http.ts';
import { data, type User, type World } from '../../world/bundle/world.ts';
import { answers, Group, must } from '../attack.ts';
import { counted, execute, givenBack, OWN, othersWork, PLENTY, RULE, whileRefused } from './legal-calls.ts';

export const floods = new Group('legal calls');

/** `count` calls of a query in batches of twenty. */
async function flood(world: World, { token }: User, path: string, input: unknown, count: number): Promise<string[]> {
  const codes: string[] = [];
  for (let nth = 0; nth < count; nth += 20) {
    const inputs = encodeURIComponent(
      JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, { json: input }]))),
    );
    const paths = Array.from({ length: 20 }, () => path).join(',');
    const reply = await world.send(`/trpc/${paths}?batch=1&input=${inputs}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const parts = Array.isArray(reply.json) ? (reply.json as unknown[]) : [];
    codes.push(...parts.map((part) => String(at(part, 'error', 'json', 'data', 'errorCode') ?? 'ok')));
  }
  return codes;
}

/** A flood of queries ends in RATE_LIMITED for whoever sends it, and for nobody else. */
function flooded(name: string, path: string, input: unknown): void {
  floods.staged(
    name,
    answers(200),
    async (world) => {
      const owner = await world.signUp();
      data(await world.mutate('rules.create', RULE, { token: owner.token }));
      return async () => {
        const codes = await flood(world, owner, path, input, 700);
        const taken = codes.filter((code) => code === 'ok').length;
        // The hour may turn once on the way.
        must(taken <= 1_200 && taken >= 20, `${taken} of ${codes.length} were answered`);
        must(taken < codes.length || codes.length > 1_200, 'none was refused');
        must(
          codes.every((code) => code === 'ok' || code === 'RATE_LIMITED'),
          `it answered ${[...new Set(codes)]}`,
        );
        const other = await world.signUp();
        return [
          await world.query('jobs.list', {}, { token: other.token }),
          await world.query('user.me', undefined, { token: owner.token }),
        ];
      };
    },
    { ...PLENTY, long: true },
  );
}
flooded('jobs.list in batches of twenty, 700 times', 'jobs.list', { limit: 1 });
flooded('user.ledger in batches of twenty, 700 times', 'user.ledger', { limit: 1 });
flooded('jobs.estimate in batches of twenty, 700 times', 'jobs.estimate', { preset: 'interior', photos: 1 });

floods.staged(
  "everybody's day used up by many: CEILING_REACHED until midnight, and the job waits with its credits held",
  answers(429, 'CEILING_REACHED', /"until":"\d{4}-\d\d-\d\dT00:00:00\.000Z"/),
  async (world) => {
    const first = await world.signUp();
    const second = await world.signUp();
    await world.jobs.running(first, 3);
    const { jobId } = await world.jobs.uploaded(second, 2);
    return async () => {
      const replies = [await execute(world, second, jobId), await execute(world, second, jobId)];
      const me = data(await world.query('user.me', undefined, { token: second.token }));
      must(at(me, 'credits', 'held') === 2, 'the credits are not held any more');
      must((await counted(world)) <= 3, 'more was let through than the day has');
      return replies;
    };
  },
  { world: 'photos', changes: OWN },
);

floods.staged(
  'a user who executes and deletes himself: what was not sent is given back',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const { jobId } = await world.jobs.uploaded(owner, 5);
    const before = await counted(world);
    return async () => {
      const replies = await whileRefused(world, async () => {
        const ran = await execute(world, owner, jobId);
        const deleted = await world.mutate('user.delete', undefined, { token: owner.token });
        await givenBack(world, before);
        return [ran, deleted];
      });
      await othersWork(world);
      return replies;
    };
  },
  PLENTY,
);
