/** What the clients will do: which user runs which job, which jobs are canceled and when. Drawn from the seed. */
import type { Dice } from './dice.ts';
import type { Options } from './options.ts';

/** `midway`: once a photo has come back. */
export const CANCEL_MOMENTS = ['created', 'uploaded', 'queued', 'midway'] as const;
export type CancelMoment = (typeof CANCEL_MOMENTS)[number];

export type PlannedJob = {
  /** Position in the plan, from 0: what the GPU worker's fates hang on. */
  ordinal: number;
  /** Index of the user. */
  user: number;
  preset: 'interior' | 'seller';
  /** Indexes into the sample photos. */
  photos: number[];
  cancel: CancelMoment | null;
  /** Whether each keyed call is sent twice at once, as by a double click. */
  doubled: boolean;
  masks: boolean;
  idempotencyKey: string;
};

const CANCELED = 0.03;
const DOUBLED = 0.05;
const MASKED = 0.3;

/** In the order in which the jobs are started; each user's are spread over the run. */
export function planJobs(options: Options, samplePhotos: number, dice: Dice): PlannedJob[] {
  const jobs = Array.from({ length: options.jobs }, (_, ordinal): PlannedJob => {
    const photo = (at: number) => dice.between(0, samplePhotos - 1, 'photo', ordinal, at);
    return {
      ordinal,
      user: ordinal % options.users,
      preset: dice.pick(['interior', 'seller'], 'preset', ordinal),
      photos: Array.from({ length: options.photos }, (_, at) => photo(at)),
      cancel: dice.chance(CANCELED, 'cancel', ordinal) ? dice.pick(CANCEL_MOMENTS, 'cancel when', ordinal) : null,
      doubled: dice.chance(DOUBLED, 'doubled', ordinal),
      masks: dice.chance(MASKED, 'masks', ordinal),
      idempotencyKey: `load-${options.seed}-job-${ordinal}`,
    };
  });
  return dice.shuffle(jobs, 'order');
}

/** What is changed in each kind of photo. */
export const CHOICES = {
  interior: { concepts: { Floor: { action: 'recolor', value: '#C8A27A' } }, protect: ['Grout'] },
  seller: { concepts: { Body: { action: 'tone', value: 'warm' } }, protect: ['Logo'] },
} as const satisfies Record<PlannedJob['preset'], unknown>;

/** How many jobs have ended when each kill comes, in rising order: one somewhere in each equal part of the run. */
export function planKills(options: Options, dice: Dice): number[] {
  const part = options.jobs / options.kill;
  return Array.from({ length: options.kill }, (_, n) => Math.floor((n + 0.9 * dice.draw('kill', n)) * part));
}
