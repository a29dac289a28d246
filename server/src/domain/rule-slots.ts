/** How many rules a user may keep. */
import type { PlanId } from '../contract/user.ts';
import { planOf } from './plans.ts';
import { ok, type Result, refuse } from './result.ts';

export function takeRuleSlot(plan: PlanId, used: number): Result<null> {
  const limit = planOf(plan).ruleSlots;
  if (used < limit) return ok(null);
  return refuse('RULE_SLOT_FULL', `the ${plan} plan keeps ${limit} rules`, { limit });
}
