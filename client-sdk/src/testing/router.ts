/** The test server's procedures but for `jobs.*`: the contract's schemas in front, domain/ behind. */
import * as z from 'zod/mini';
import { anonInput, revokeInput } from '../../../server/src/contract/auth.ts';
import { exportInput } from '../../../server/src/contract/export.ts';
import { PRESET_IDS, presetGetInput } from '../../../server/src/contract/presets.ts';
import { ruleCreateInput, ruleIdInput, ruleUpdateInput } from '../../../server/src/contract/rules.ts';
import { ledgerInput } from '../../../server/src/contract/user.ts';
import { chooseFor, viewOf } from '../../../server/src/domain/presets.ts';
import { isSameRevocation } from '../../../server/src/domain/revocation.ts';
import { ageOfKey, nameOfKey, usedLongAgo } from '../../../server/src/domain/sign-up.ts';
import { ApiError, unwrap } from '../../../server/src/rpc/errors.ts';
import { TestAccount } from './account.ts';
import { openProcedure, router, sessionOf, type TestContext, userProcedure } from './init.ts';
import { exportedJobs } from './job-view.ts';
import { jobsRouter } from './jobs-router.ts';
import { pageOf } from './pages.ts';
import type { World } from './world.ts';

/** As long as the server's own. */
const REVOKE_REPEAT_MS = 600_000;

function signIn(world: World, userId: string, issuedAt: number) {
  const token = world.unique('token-');
  const expiresAt = issuedAt + world.settings.tokenMs;
  world.sessions.set(token, { userId, issuedAt, expiresAt });
  return { userId, token, expiresAt: new Date(expiresAt) };
}

function signUp(world: World, asked: string | undefined): string {
  const now = world.clock.now();
  const age = asked === undefined ? 'fresh' : ageOfKey(asked, now, world.settings.signupRepeatMs);
  const key = asked === undefined ? undefined : nameOfKey(asked, age);
  if (age === 'late') throw new ApiError(usedLongAgo().refusal);
  const known = key === undefined ? undefined : world.signups.get(key);
  if (known === undefined) {
    const userId = world.unique('usr_');
    const account = new TestAccount(world, userId, now);
    if (age === 'timeless') account.open(now);
    if (world.plan !== 'free') account.setPlan(world.plan, now);
    world.accounts.set(userId, account);
    if (key !== undefined) world.signups.set(key, userId);
    return userId;
  }
  if (age === 'fresh') return known;
  if (now - (world.accounts.get(known)?.createdAt ?? 0) <= world.settings.signupRepeatMs) return known;
  throw new ApiError(usedLongAgo().refusal);
}

/** The account whose last revocation this is again. */
function revokedBefore({ world, bearer }: TestContext, key: string | null): TestAccount | null {
  const session = world.sessions.get(bearer ?? '');
  const account = session === undefined ? undefined : world.accounts.get(session.userId);
  if (session === undefined || account === undefined || session.issuedAt >= account.sessionEpoch) return null;
  const { sessionEpoch, revoked } = account;
  const asked = { sessionEpoch, issuedAt: session.issuedAt, key };
  return isSameRevocation(revoked, asked, world.clock.now(), REVOKE_REPEAT_MS) ? account : null;
}

const auth = router({
  anon: openProcedure.input(anonInput).mutation(({ ctx: { world }, input }) => {
    return signIn(world, signUp(world, input.idempotencyKey), world.clock.now());
  }),
  renew: openProcedure.mutation(({ ctx }) => {
    const { userId } = sessionOf(ctx, ctx.world.settings.tokenRenewMs);
    return signIn(ctx.world, userId, ctx.world.clock.now());
  }),
  revoke: openProcedure.input(revokeInput).mutation(({ ctx, input }) => {
    const key = input?.idempotencyKey ?? null;
    const repeated = revokedBefore(ctx, key);
    if (repeated !== null) return signIn(ctx.world, repeated.userId, repeated.sessionEpoch);
    const { world } = ctx;
    const { account, userId } = sessionOf(ctx);
    const now = world.clock.now();
    account.open(now);
    const from = account.sessionEpoch;
    // Later than every token that was issued: a test's clock may stand still.
    const issued = [...world.sessions.values()].filter((session) => session.userId === userId);
    account.sessionEpoch = Math.max(now, ...issued.map(({ issuedAt }) => issuedAt + 1));
    account.revoked = key === null ? undefined : { key, from, epoch: account.sessionEpoch, at: now };
    for (const [ticket, held] of world.tickets) if (held.userId === userId) world.tickets.delete(ticket);
    for (const job of world.jobs.values()) job.watchers.endSessions(userId);
    return signIn(world, userId, account.sessionEpoch);
  }),
});

const user = router({
  me: userProcedure.query(({ ctx }) => ctx.account.me()),
  ledger: userProcedure.input(ledgerInput).query(({ ctx, input }) => {
    unwrap(ctx.account.query(ctx.world.clock.now()));
    const { entries, nextCursor } = pageOf(ctx.account.receipts, input, ({ createdAt, id }) => ({
      at: createdAt.getTime(),
      id,
    }));
    return { receipts: entries, nextCursor };
  }),
  /** In one page: what a test has fits. */
  export: userProcedure.input(exportInput).query(({ ctx: { world, account, userId } }) => {
    const { plan, credits } = account.me();
    const createdAt = new Date(account.createdAt);
    const { rules, receipts } = account;
    const user = account.isOpen ? { userId, plan, credits, createdAt, deviceHash: null } : null;
    return { user, rules, jobs: exportedJobs(world, userId), receipts, nextCursor: null };
  }),
  delete: openProcedure.input(z.void()).mutation(({ ctx }) => {
    const { world } = ctx;
    const { userId } = deletedOrIn(ctx);
    world.accounts.delete(userId);
    for (const [jobId, { state }] of world.jobs) if (state.userId === userId) world.jobs.delete(jobId);
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
  create: userProcedure.input(ruleCreateInput).mutation(({ ctx: { world, account }, input }) => {
    const { name, presetId, idempotencyKey: key } = input;
    const { concepts, protect } = unwrap(chooseFor(presetId, input));
    const id = key === undefined ? world.unique('rul_') : `rul_${account.userId}_${key}`;
    return unwrap(account.createRule(id, { name, presetId, concepts, protect }, world.clock.now()));
  }),
  get: userProcedure.input(ruleIdInput).query(({ ctx, input }) => unwrap(ctx.account.rule(input.id))),
  list: userProcedure.query(({ ctx }) => ctx.account.rules),
  update: userProcedure.input(ruleUpdateInput).mutation(({ ctx: { world, account }, input }) => {
    const known = unwrap(account.rule(input.id));
    const { name = known.name, concepts = known.concepts, protect = known.protect } = input;
    const choice = unwrap(chooseFor(known.presetId, { concepts, protect }));
    const change = { name, concepts: choice.concepts, protect: choice.protect };
    return unwrap(account.updateRule(known, change, world.clock.now()));
  }),
  delete: userProcedure.input(ruleIdInput).mutation(({ ctx: { world, account }, input: { id } }) => {
    unwrap(account.deleteRule(id, world.clock.now()));
    return { id, deleted: true as const };
  }),
});

export const testRouter = router({ auth, user, presets, rules, jobs: jobsRouter });
