/** The objects, D1 and R2 of workerd past every switch that a run may put in front of them: how a world itself looks and calls. */
import { env } from 'cloudflare:workers';

const user = env.USER_LIMITER.get.bind(env.USER_LIMITER);
const job = env.JOB_COORDINATOR.get.bind(env.JOB_COORDINATOR);

export const userStub = (userId: string) => user(env.USER_LIMITER.idFromName(userId));
export const jobStub = (jobId: string) => job(env.JOB_COORDINATOR.idFromString(jobId));
export const rawBatch = env.DB.batch.bind(env.DB);
export const rawList = env.R2.list.bind(env.R2);
