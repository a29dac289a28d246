/** Commands on a user's object, and what the model makes of the answers. */

import { env } from 'cloudflare:workers';
import { PLANS } from '../../server/src/domain/plans.ts';
import { reconcile } from '../../server/src/reconcile.ts';
import type { Single } from './commands.ts';
import { userCalls } from './outside.ts';
import { type ModelUser, must, newUser, PRO_CREDITS, type World } from './world.ts';

const CHOICE = { Floor: { action: 'recolor', value: '#C8A27A' } } as const;
const MOST_USERS = 2;

export const userAt = (world: World, at: number): ModelUser => {
  const known = world.users.filter(({ isKnown }) => isKnown);
  const user = known[at % known.length];
  if (user === undefined) throw new Error('a world without users');
  return user;
};

export async function signUp(world: World, again: boolean): Promise<string> {
  const known = world.users.at(-1);
  if (known !== undefined && (again || world.users.length >= MOST_USERS)) {
    world.touched.add(known.id);
    const repeated = await userCalls(known.id).signUp(signUpOf(known.id));
    return `${known.id} again: ${repeated.ok}`;
  }
  const user = newUser(`usr_${world.seed}_${world.serial++}_${crypto.randomUUID().slice(0, 8)}`);
  world.users.push(user);
  world.touched.add(user.id);
  // His key opened the account at once, or a rule does now, as his first change.
  const opened =
    world.serial % 2 === 0 ? (await userCalls(user.id).signUp(signUpOf(user.id))).ok : await firstRule(world, user);
  must(opened, 'a new user can open his account', () => user.id);
  user.isKnown = true;
  return user.id;
}

async function firstRule(world: World, user: ModelUser): Promise<boolean> {
  await createRule(world, user);
  return user.rules.size === 1;
}

const signUpOf = (userId: string) => ({ userId, signedUpAt: Date.now(), deviceHash: null, address: '192.0.2.1' });
const sessionOf = (userId: string) => ({ ...signUpOf(userId), issuedAt: Date.now() });

/** Adds and takes away while the answer of a rule command is awaited. */
async function awaitingRules<T>(user: ModelUser, answer: Promise<T>): Promise<T> {
  user.unanswered++;
  try {
    return await answer;
  } finally {
    user.unanswered--;
  }
}

export async function createRule(world: World, user: ModelUser): Promise<string> {
  const id = `rul_${world.seed}_${world.serial++}_${crypto.randomUUID().slice(0, 8)}`;
  const sure = world.alone && user.unanswered === 0;
  const free = user.rules.size < PLANS[user.plan].ruleSlots;
  const draft = { name: id, preset: 'interior', concepts: CHOICE, protect: [] } as const;
  const saved = await awaitingRules(
    user,
    userCalls(user.id).createRule(sessionOf(user.id), id, { ...draft, protect: [] }),
  );
  if (saved.ok) user.rules.set(id, id);
  if (sure) {
    must(saved.ok === free, 'a rule is saved when there is a slot, and refused when there is none', () => id);
  }
  return saved.ok ? id : saved.refusal.code;
}

function ruleAt(user: ModelUser, at: number): string | undefined {
  return [...user.rules.keys()][at % Math.max(1, user.rules.size)];
}

export async function updateRule(world: World, user: ModelUser, at: number): Promise<string> {
  const id = ruleAt(user, at);
  if (id === undefined) return 'no rule';
  const name = `name ${world.serial++}`;
  const saved = await awaitingRules(user, userCalls(user.id).updateRule(null, id, { name }));
  if (saved.ok && user.rules.has(id)) user.rules.set(id, name);
  return saved.ok ? name : saved.refusal.code;
}

export async function deleteRule(user: ModelUser, at: number): Promise<string> {
  const id = ruleAt(user, at);
  if (id === undefined) return 'no rule';
  const gone = await awaitingRules(user, userCalls(user.id).deleteRule(null, id));
  if (gone.ok) user.rules.delete(id);
  return gone.ok ? id : gone.refusal.code;
}

export async function setPlan(user: ModelUser, plan: 'free' | 'pro'): Promise<string> {
  user.plan = plan;
  if (plan === 'pro') user.grants.set('plan:pro', PRO_CREDITS);
  const set = await userCalls(user.id).setPlan(user.id, plan);
  must(set.ok, 'an operator can set a plan', () => user.id);
  return plan;
}

export async function grant(user: ModelUser, key: number, amount: number): Promise<string> {
  const name = `admin:grant-${key}`;
  const known = user.grants.get(name);
  if (known === undefined) user.grants.set(name, amount);
  const given = await userCalls(user.id).grantCredits(user.id, `grant-${key}`, amount, 'because');
  const wanted = known === undefined || known === amount;
  must(given.ok === wanted, 'the same key grants once, and is refused with another amount', () => `${user.id} ${name}`);
  return `${name} ${amount}: ${given.ok}`;
}

export async function reconcileUser(user: ModelUser): Promise<string> {
  // D1 may be made to fail; the objects must bear whatever comes of it.
  const report = await reconcile(env, { userId: user.id }).catch((error: unknown) => String(error));
  return typeof report === 'string' ? report : `${report.differences.length} differences`;
}

export function doUser(world: World, command: Single): Promise<string> | null {
  if (!('user' in command) || command.do === 'create') return null;
  const user = userAt(world, command.user);
  world.touched.add(user.id);
  switch (command.do) {
    case 'create-rule':
      return createRule(world, user);
    case 'update-rule':
      return updateRule(world, user, command.rule);
    case 'delete-rule':
      return deleteRule(user, command.rule);
    case 'set-plan':
      return setPlan(user, command.plan);
    case 'grant':
      return grant(user, command.key, command.amount);
    case 'reconcile':
      // It may write the history of any job again.
      for (const job of world.jobs) world.touched.add(job.id);
      return reconcileUser(user);
  }
}
