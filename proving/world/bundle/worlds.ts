/** The deployments that attacks run against. All are the production bundle; they differ in settings only. */
import { VICTIMS_PHOTO } from './jobs.ts';
import { data, text, World } from './world.ts';

/** As strict as production demands, and wide enough that no limit answers for another defence. */
const COMMON = {
  // Holds are checked after two minutes, which would change rows under an attack that has nothing to do with them.
  HOLD_CHECK_MS: '86400000',
  // Nor does a run that an attack is slow with have its job ask about it.
  GPU_ASK_MS: '3600000',
  WATCH_IDLE_MS: '600000',
  // A sign-up of one attack is no change under the next.
  PROJECTION_DELAY_MS: '0',
  // What a job sends is sent whole, unless an attack is about its runs.
  GPU_RUN_FIRST_PHOTOS: '200',
  GPU_RUN_PHOTOS: '200',
} as const;

export const PREVIOUS_JWT_SECRET = 'attack-previous-jwt-secret-for-tests-only';
export const PREVIOUS_CALLBACK_SECRET = 'attack-previous-callback-secret-for-tests';

const WORLDS = {
  /** Production with an operator. */
  main: { ...COMMON },
  /** In the middle of a rotation, without an operator, and with the global callback secret switched off. */
  closed: {
    ...COMMON,
    ADMIN_SECRET: null,
    GPU_CALLBACK_GLOBAL_SECRET: 'off',
    JWT_SECRET_PREVIOUS: PREVIOUS_JWT_SECRET,
    GPU_CALLBACK_SECRET_PREVIOUS: PREVIOUS_CALLBACK_SECRET,
  },
  /** Everything ends within seconds. */
  short: {
    ...COMMON,
    UPLOAD_URL_SECONDS: '2',
    DOWNLOAD_URL_SECONDS: '2',
    DOWNLOAD_ROUNDING_SECONDS: '1',
    TICKET_SECONDS: '1',
    SIGNUP_REPEAT_MS: '500',
    SESSION_CACHE_MS: '1000',
    WATCH_IDLE_MS: '500',
    WATCH_CLOSE_MS: '1000',
    // What is signed for a GPU worker ends with its job.
    JOB_EXECUTION_MS: '4000',
    JOB_LEASE_MS: '4000',
    JOB_ATTEMPT_PER_PHOTO_MS: '0',
    JOB_MAX_ATTEMPTS: '1',
    JOB_INPUT_RETENTION_MS: '0',
    JOB_LAST_LOOK_MS: '500',
    JOB_EFFECT_GRACE_MS: '1000',
  },
  /** The limits on sign-ups and mutations that a deployment has. */
  strict: {
    ...COMMON,
    SIGNUP_LIMIT_PER_MINUTE: null,
    SIGNUP_ADDRESS_HOURLY: null,
    MUTATION_LIMIT_PER_MINUTE: null,
  },
  /** One address has what production gives it: five accounts with credits a day; and 20 sign-ups an hour. */
  addresses: { ...COMMON, SIGNUP_ADDRESS_DAILY_CREDITS: null, SIGNUP_ADDRESS_HOURLY: '20' },
  /** The day's allowances that a deployment has. */
  daily: {
    ...COMMON,
    FREE_DAILY_JOBS: null,
    FREE_DAILY_UNPAID_PHOTOS: null,
    FREE_HOURLY_QUERIES: null,
    FREE_DAILY_RULE_CHANGES: null,
  },
  /** A day on which three users get their credits and two photos are sent. */
  ceilings: { ...COMMON, SIGNUP_DAILY_CREDITS: '30', GPU_DAILY_PHOTOS: '3' },
  /** A day on which three photos are sent, and nothing else is scarce. */
  photos: { ...COMMON, GPU_DAILY_PHOTOS: '3' },
  /** Jobs of a few photos go in several runs. */
  runs: { ...COMMON, GPU_RUN_FIRST_PHOTOS: '3', GPU_RUN_PHOTOS: '3' },
  /** Whoever signs up a second time within a minute is asked whether he is human. */
  turnstile: {
    ...COMMON,
    SIGNUP_LIMIT_PER_MINUTE: '1',
    TURNSTILE_SECRET: 'attack-turnstile-secret-for-tests-only',
    TURNSTILE_TIMEOUT_MS: '1000',
  },
  /** Its secrets are too short, so that it must not serve. */
  weak: {
    ...COMMON,
    JWT_SECRET: 'weak-canary',
    GPU_CALLBACK_SECRET: 'weak-callback-canary',
    ADMIN_SECRET: 'weak-admin',
  },
} as const satisfies Record<string, Record<string, string | null>>;

export type WorldName = keyof typeof WORLDS;
export const WORLD_NAMES = Object.keys(WORLDS) as WorldName[];

/** @param bare without the storage door, so that the simulator takes what it takes */
export async function startWorld(
  name: WorldName,
  vars: Record<string, string> = {},
  { bare = false } = {},
): Promise<World> {
  const world = await World.start({ ...WORLDS[name], ...vars }, bare);
  if (name !== 'main') return world;
  try {
    await inhabit(world);
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/** A victim with a job in every state and a rule, and an attacker with a job of his own. */
async function inhabit(world: World): Promise<void> {
  const owner = await world.signUpPro();
  const done = await world.jobs.done(owner, 2, VICTIMS_PHOTO);
  const [created, uploaded, running] = await Promise.all([
    world.jobs.created(owner),
    world.jobs.uploaded(owner, 2, VICTIMS_PHOTO),
    world.jobs.at('running', owner, 2, { photo: VICTIMS_PHOTO, asked: { masks: true } }),
  ]);
  const rule = { name: 'Oak floor', presetId: 'interior', concepts: { Floor: { action: 'recolor', value: 'oak' } } };
  const ruleId = text(data(await world.mutate('rules.create', rule, { token: owner.token })), 'id');
  world.victim = { ...owner, ruleId, jobs: { created, uploaded, running, done } };
  const attacker = await world.signUpPro();
  world.attacker = { ...attacker, job: await world.jobs.uploaded(attacker) };
  world.settleIn();
}
