/** What each plan allows. */
import { MAX_PHOTO_BYTES } from '../contract/limits.ts';
import type { Me, PlanId } from '../contract/user.ts';

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

export function limitsOf(plan: PlanId): Me['limits'] {
  const { activeJobs, photosPerJob, ruleSlots } = PLANS[plan];
  return { activeJobs, photosPerJob, ruleSlots, photoBytes: MAX_PHOTO_BYTES };
}
