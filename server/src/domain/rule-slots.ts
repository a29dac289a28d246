/** How many rules a user may keep. */
import type { PlanId } from '../contract/user.ts';
import { PLANS } from './plans.ts';
import { ok, type Result, refuse } from './result.ts';

export function takeRuleSlot(plan: PlanId, used: number): Result<null> {
  const limit = PLANS[plan].ruleSlots;
  if (used < limit) return ok(null);
  return refuse('RULE_SLOT_FULL', `the ${plan} plan keeps ${limit} rules`, { limit });
}
