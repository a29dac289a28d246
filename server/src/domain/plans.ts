/** What each plan allows. */
import { MAX_PHOTO_BYTES } from '../contract/limits.ts';
import { type Me, PLAN_IDS, type PlanId } from '../contract/user.ts';

export type Plan = {
  /** Credits that come with the plan, once per user. */
  credits: number;
  /** Jobs that live at the same time. */
  activeJobs: number;
  ruleSlots: number;
  photosPerJob: number;
};

export const PLANS: Record<PlanId, Plan> = {
  free: { credits: 10, activeJobs: 1, ruleSlots: 2, photosPerJob: 10 },
  pro: { credits: 200, activeJobs: 3, ruleSlots: 20, photosPerJob: 200 },
};

/** The plan that every account begins with. */
export const SIGN_UP_PLAN: PlanId = 'free';

/** The plan as this release knows it. One that a later release has given is kept, and counts as the first until that is back. */
export const knownPlan = (plan: string): PlanId => PLAN_IDS.find((known) => known === plan) ?? SIGN_UP_PLAN;
export const planOf = (plan: PlanId): Plan => PLANS[knownPlan(plan)];

export function limitsOf(plan: PlanId): Me['limits'] {
  const { activeJobs, photosPerJob, ruleSlots } = planOf(plan);
  return { activeJobs, photosPerJob, ruleSlots, photoBytes: MAX_PHOTO_BYTES };
}
