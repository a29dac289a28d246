/** The test server's procedures but for `jobs.*`: the contract's schemas in front, domain/ behind. */
import * as z from 'zod/mini';
import { anonInput, revokeInput } from '../../../server/src/contract/auth.ts';
import { exportInput } from '../../../server/src/contract/export.ts';
import { PRESET_IDS, presetGetInput } from '../../../server/src/contract/presets.ts';
import { ruleCreateInput, ruleIdInput, ruleUpdateInput } from '../../../server/src/contract/rules.ts';
import { ledgerInput, type Receipt } from '../../../server/src/contract/user.ts';
import { chooseFor, viewOf } from '../../../server/src/domain/presets.ts';
import { ageOfKey, nameOfKey, usedLongAgo } from '../../../server/src/domain/sign-up.ts';
import { ApiError, fail, unwrap } from '../../../server/src/rpc/errors.ts';
import { exportedOf } from '../../../server/src/rpc/jobs/shown.ts';
import { TestAccount } from './account.ts';
import { knownSession, openProcedure, router, sessionOf, type TestContext, userProcedure } from './init.ts';
import { jobsOf } from './job-view.ts';
import { jobsRouter } from './jobs-router.ts';
import { pageOf } from './pages.ts';
import type { World } from './world.ts';

function signIn(world: World, userId: string, issuedAt: number) {
  const token = world.unique('token-');
  const expiresAt = issuedAt + world.settings.tokenMs;
  world.sessions.set(token, { userId, issuedAt, expiresAt });
  return { userId, token, expiresAt: new Date(expiresAt) };
}

async function signUp(world: World, asked: string | undefined): Promise<string> {
  const now = world.clock.now();
  const age = asked === undefined ? 'fresh' : ageOfKey(asked, now, world.settings.signupRepeatMs);
  const key = asked === undefined ? undefined : nameOfKey(asked, age);
  if (age === 'late') throw new ApiError(usedLongAgo().refusal);
  const userId = world.signups.get(key ?? '') ?? world.unique('usr_');
  if (!world.signups.has(key ?? '')) {
    const account = new TestAccount(world, userId, now);
    world.accounts.set(userId, account);
    if (key !== undefined) world.signups.set(key, userId);
    if (world.plan !== 'free') await account.setPlan(world.plan);
  }
  if (age === 'fresh') return userId;
  const account = world.accounts.get(userId);
  unwrap(account === undefined ? usedLongAgo() : await account.opening.signUp(account.session(now)));
  return userId;
}

const auth = router({
  anon: openProcedure.input(anonInput).mutation(async ({ ctx: { world }, input }) => {
    return signIn(world, await signUp(world, input.idempotencyKey), world.clock.now());
  }),
  renew: openProcedure.mutation(({ ctx }) => {
    const { userId, account } = sessionOf(ctx, ctx.world.settings.tokenRenewMs);
    // A revocation may lie ahead of a clock that stands still.
    return signIn(ctx.world, userId, Math.max(ctx.world.clock.now(), account.access.sessionEpoch()));
  }),
  revoke: openProcedure.input(revokeInput).mutation(async ({ ctx, input }) => {
    const { userId, account, session } = knownSession(ctx);
    const key = input?.idempotencyKey ?? null;
    return signIn(ctx.world, userId, unwrap(await account.revocation.revokeSessions(session, key)));
  }),
});

const user = router({
  me: userProcedure.query(({ ctx: { account, userId } }) => {
    return account.view.meOf(userId) ?? fail('TOKEN_INVALID', 'the token is not valid: sign in again', null);
  }),
  ledger: userProcedure.input(ledgerInput).query(({ ctx: { account }, input }) => {
    unwrap(account.query());
    const placeOf = ({ createdAt, id }: Receipt) => ({ at: createdAt.getTime(), id });
    const { entries, nextCursor } = pageOf(account.ledger(), input, placeOf);
    return { receipts: entries, nextCursor };
  }),
  /** In one page: what a test has fits. */
  export: userProcedure.input(exportInput).query(({ ctx }) => {
    const { world, account } = ctx;
    const url = (key: string) => world.storage.signDownload(key);
    const jobs = jobsOf(world, ctx).map((job) =>
      exportedOf(job, new Date(job.snapshot.createdAt), world.clock.now(), url),
    );
    return { ...account.view.exported(), jobs, receipts: account.ledger(), nextCursor: null };
  }),
  delete: openProcedure.input(z.void()).mutation(({ ctx }) => {
    const { world } = ctx;
    const { userId } = deletedOrIn(ctx);
    world.accounts.delete(userId);
    for (const job of world.jobs.values()) job.inside.erase(userId, false);
    return { userId, goneBy: new Date(world.clock.now()), done: true };
  }),
});

/** Whoever was deleted may ask for it again. */
function deletedOrIn(ctx: TestContext): { userId: string } {
  const session = ctx.world.sessions.get(ctx.bearer ?? '');
  return session !== undefined && !ctx.world.accounts.has(session.userId) ? session : sessionOf(ctx);
}

const presets = router({
  list: openProcedure.query(() => PRESET_IDS.map(viewOf)),
  get: openProcedure.input(presetGetInput).query(({ input }) => viewOf(input.id)),
});

const rules = router({
  create: userProcedure.input(ruleCreateInput).mutation(async ({ ctx: { world, account, session }, input }) => {
    const { name, presetId: preset, idempotencyKey: key } = input;
    const { concepts, protect } = unwrap(chooseFor(preset, input));
    const id = key === undefined ? world.unique('rul_') : `rul_${account.userId}_${key}`;
    return unwrap(await account.rules.create(session, id, { name, preset, concepts, protect }));
  }),
  get: userProcedure.input(ruleIdInput).query(({ ctx, input }) => unwrap(ctx.account.rules.get(input.id))),
  list: userProcedure.query(({ ctx }) => ctx.account.rules.list()),
  update: userProcedure.input(ruleUpdateInput).mutation(({ ctx, input: { id, ...change } }) => {
    return unwrap(ctx.account.rules.update(ctx.session, id, change));
  }),
  delete: userProcedure.input(ruleIdInput).mutation(({ ctx, input: { id } }) => {
    unwrap(ctx.account.rules.delete(ctx.session, id));
    return { id, deleted: true as const };
  }),
});

export const testRouter = router({ auth, user, presets, rules, jobs: jobsRouter });
