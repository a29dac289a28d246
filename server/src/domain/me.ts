/** What a user is told of his account, `user.me`. */
import type { Me } from '../contract/user.ts';
import { type Account, openedWith } from './ledger.ts';
import { knownPlan, limitsOf, planOf } from './plans.ts';

/** @param used how many jobs take a slot, and how many rules there are */
export function meOf(userId: string, account: Account, used: { activeJobs: number; rules: number }): Me {
  const { plan, balance, held, spent, granted } = account;
  return {
    userId,
    plan: knownPlan(plan),
    credits: { balance, held, spent, granted },
    activeJobs: used.activeJobs,
    ruleSlots: { used: used.rules, max: planOf(plan).ruleSlots },
    limits: limitsOf(plan),
  };
}

/** The same for a user whose account is not open yet: what it will have. */
export const meToCome = (userId: string): Me => meOf(userId, openedWith(), { activeJobs: 0, rules: 0 });
