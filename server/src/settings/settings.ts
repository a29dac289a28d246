/** The settings, checked: a missing or weak one is an error that names it, before anything is touched. */
import { PLAN_IDS, type PlanId } from '../contract/user.ts';
import type { Allowance } from '../domain/allowance.ts';
import type { JobSettings } from '../domain/job/state.ts';
import { hideInLogs } from '../log.ts';
import { contradictions } from './contradictions.ts';
import { SettingsError } from './error.ts';
import type { NumberName, SettingTexts } from './names.ts';
import { SettingsReader } from './reader.ts';

/** Settings as the code uses them; docs/DEPLOY.md says what each is for. */
export type Settings = {
  production: boolean;
  jwtSecret: string;
  jwtSecretPrevious: string | null;
  callbackSecret: string;
  callbackSecretPrevious: string | null;
  /** Whether the global callback secret is taken at all; per-job tokens always are. */
  callbackGlobalSecret: boolean;
  adminSecret: string | null;
  r2: {
    endpoint: string;
    bucket: string;
    accessKeyId: string;
    secretAccessKey: string;
    /** Whether PUTs sign that nothing is copied: SECURITY.md says when that is needed. */
    signCopySource: boolean;
  };
  /** Origin of callback URLs; null in development: then it is that of the request. */
  publicBaseUrl: string | null;
  gpu: {
    provider: 'runpod' | 'http';
    url: string | null;
    apiKey: string | null;
    /** `always`: masks are signed for whether or not they were asked for, since workers may refuse a message without. */
    masks: 'asked' | 'always';
  };
  /** Without a secret nobody is asked whether he is human. */
  turnstile: { secret: string | null; url: string };
  corsOrigins: string[];
  numbers: Record<NumberName, number>;
  job: JobSettings;
  /** What an account may take in a day, by its plan. */
  allowances: Record<PlanId, Allowance>;
};

const TURNSTILE_URL = 'https://challenges.cloudflare.com/turnstile/v0/siteverify';
/** The wrangler bundler fills this in: `production` for a deployed bundle, something else in development and tests. */
const PRODUCTION = process.env.NODE_ENV === 'production';

const cache = new WeakMap<object, Settings>();

/** The checked settings of `env`; throws {@link SettingsError}. Parsed once per isolate. */
export function settingsOf(env: SettingTexts): Settings {
  const known = cache.get(env);
  if (known) return known;
  const settings = parseSettings(env, PRODUCTION);
  hideInLogs([
    settings.jwtSecret,
    settings.jwtSecretPrevious,
    settings.callbackSecret,
    settings.callbackSecretPrevious,
    settings.adminSecret,
    settings.r2.secretAccessKey,
    settings.gpu.apiKey,
    settings.turnstile.secret,
  ]);
  cache.set(env, settings);
  return settings;
}

export function parseSettings(env: SettingTexts, production: boolean): Settings {
  const read = new SettingsReader(env, production);
  const accountId = read.required('R2_ACCOUNT_ID');
  const numbers = read.numbers();
  const settings: Settings = {
    production,
    ...secretsOf(read),
    ...placesOf(read, accountId),
    numbers,
    job: jobSettings(numbers),
    allowances: allowances(numbers),
  };
  // A number that is no good by itself has been named, and says nothing beside another one.
  const isGood = ({ name, other }: { name: string; other?: string }) =>
    !read.problems.some((one) => one.name === name || one.name === other);
  const isSet = (name: NumberName): boolean => read.optional(name) !== null;
  for (const { name, other, wrong } of contradictions(numbers, isSet).filter(isGood)) {
    read.problems.push(other === undefined ? { name, problem: wrong } : { name, other, problem: `${wrong} ${other}` });
  }
  if (read.problems.length > 0) throw new SettingsError(read.problems);
  return settings;
}

function secretsOf(read: SettingsReader) {
  return {
    jwtSecret: read.strong('JWT_SECRET', read.required('JWT_SECRET')) ?? '',
    jwtSecretPrevious: read.strong('JWT_SECRET_PREVIOUS', read.optional('JWT_SECRET_PREVIOUS')),
    callbackSecret: read.signing('GPU_CALLBACK_SECRET', read.required('GPU_CALLBACK_SECRET')) ?? '',
    callbackSecretPrevious: read.signing('GPU_CALLBACK_SECRET_PREVIOUS', read.optional('GPU_CALLBACK_SECRET_PREVIOUS')),
    callbackGlobalSecret: read.oneOf('GPU_CALLBACK_GLOBAL_SECRET', ['on', 'off']) === 'on',
    adminSecret: read.strong('ADMIN_SECRET', read.optional('ADMIN_SECRET')),
  } satisfies Partial<Settings>;
}

/** Where everything is that the service talks to. */
function placesOf(read: SettingsReader, accountId: string) {
  const endpoint = read.optional('R2_S3_ENDPOINT') ?? `https://${accountId}.r2.cloudflarestorage.com`;
  return {
    r2: {
      endpoint: read.url('R2_S3_ENDPOINT', endpoint) ?? '',
      bucket: read.required('R2_BUCKET_NAME'),
      accessKeyId: read.required('R2_ACCESS_KEY_ID'),
      secretAccessKey: read.required('R2_SECRET_ACCESS_KEY'),
      signCopySource: read.oneOf('R2_SIGN_COPY_SOURCE', ['off', 'on']) === 'on',
    },
    publicBaseUrl: read.url('PUBLIC_BASE_URL', read.inProduction('PUBLIC_BASE_URL')),
    gpu: {
      provider: read.oneOf('GPU_PROVIDER', ['runpod', 'http']),
      url: read.url('GPU_URL', read.inProduction('GPU_URL')),
      apiKey: read.inProduction('GPU_API_KEY'),
      masks: read.oneOf('GPU_MASKS', ['asked', 'always']),
    },
    turnstile: {
      secret: read.optional('TURNSTILE_SECRET'),
      url: read.url('TURNSTILE_URL', read.optional('TURNSTILE_URL')) ?? TURNSTILE_URL,
    },
    corsOrigins: (read.optional('CORS_ORIGINS') ?? '').split(/[\s,]+/).filter(Boolean),
  } satisfies Partial<Settings>;
}

function allowances(numbers: Record<NumberName, number>): Record<PlanId, Allowance> {
  const of = (plan: PlanId): [PlanId, Allowance] => {
    const prefix = plan === 'free' ? 'FREE' : 'PRO';
    return [
      plan,
      {
        dailyJobs: numbers[`${prefix}_DAILY_JOBS`],
        dailyUnpaidPhotos: numbers[`${prefix}_DAILY_UNPAID_PHOTOS`],
        hourlyQueries: numbers[`${prefix}_HOURLY_QUERIES`],
        dailyRuleChanges: numbers[`${prefix}_DAILY_RULE_CHANGES`],
      },
    ];
  };
  return Object.fromEntries(PLAN_IDS.map(of)) as Record<PlanId, Allowance>;
}

function jobSettings(numbers: Record<NumberName, number>): JobSettings {
  return {
    createdMs: numbers.JOB_CREATED_MS,
    createdMaxMs: numbers.JOB_CREATED_MAX_MS,
    uploadedMs: numbers.JOB_UPLOADED_MS,
    executionMs: numbers.JOB_EXECUTION_MS,
    leaseMs: numbers.JOB_LEASE_MS,
    attemptPerPhotoMs: numbers.JOB_ATTEMPT_PER_PHOTO_MS,
    maxAttempts: numbers.JOB_MAX_ATTEMPTS,
    maxRuns: numbers.GPU_JOB_RUNS,
    firstRunPhotos: numbers.GPU_RUN_FIRST_PHOTOS,
    runPhotos: numbers.GPU_RUN_PHOTOS,
    askMs: numbers.GPU_ASK_MS,
    completeMs: numbers.GPU_COMPLETE_MS,
    refusedMs: numbers.GPU_RETRY_SECONDS * 1000,
    refusedMaxMs: numbers.GPU_REFUSED_MAX_MS,
    uploadUrlMs: numbers.UPLOAD_URL_SECONDS * 1000,
    inputRetentionMs: numbers.JOB_INPUT_RETENTION_MS,
    resultRetentionMs: numbers.JOB_RESULT_RETENTION_MS,
    lendMs: numbers.JOB_LEND_MS,
    lastLookMs: numbers.JOB_LAST_LOOK_MS,
    effectGraceMs: numbers.JOB_EFFECT_GRACE_MS,
  };
}
