/** Plays jobs beside each other in front of one provider, and tells how it went. */
import type { JobSettings } from '../../server/src/domain/job/state.ts';
import { parseSettings } from '../../server/src/settings/settings.ts';
import { Dice } from '../load/dice.ts';
import { DAY } from '../world/clock.ts';
import { type JobFacts, type JobPlan, SimulatedJob } from './job.ts';
import { Provider, type ProviderPlan } from './provider.ts';
import { Timeline } from './timeline.ts';

/** How a job is cut into runs. */
export type Cut = Pick<JobSettings, 'maxRuns' | 'firstRunPhotos' | 'runPhotos'>;

export type Scene = { jobs: readonly JobPlan[]; provider: ProviderPlan; cut?: Partial<JobSettings>; seed?: number };

/** The production values. */
export const SETTINGS: JobSettings = parseSettings(
  {
    JWT_SECRET: 'simulation',
    GPU_CALLBACK_SECRET: 'simulation',
    R2_ACCOUNT_ID: 'simulation',
    R2_ACCESS_KEY_ID: 'simulation',
    R2_SECRET_ACCESS_KEY: 'simulation',
    R2_BUCKET_NAME: 'simulation',
  },
  false,
).job;

/** Milliseconds that a message is on its way until it is signed, and that a call of the provider takes. */
const QUEUE_MS = 300;
const CALL_MS = 200;
const BEGINNING = Date.UTC(2026, 0, 1);

/** Throws when a job is not over after a day. */
export function play({ jobs, provider, cut = {}, seed = 1 }: Scene): JobFacts[] {
  const timeline = new Timeline(BEGINNING);
  const dice = new Dice(String(seed));
  const settings = { ...SETTINGS, ...cut };
  const around = {
    timeline,
    provider: new Provider(timeline, provider, dice),
    settings,
    dice,
    queueMs: QUEUE_MS,
    callMs: CALL_MS,
  };
  const all = jobs.map((one) => new SimulatedJob(one, around));
  timeline.run(BEGINNING + DAY, () => all.every(({ isOver }) => isOver));
  return all.map((one) => one.facts());
}
