/**
 * Bindings and settings. Every deadline, limit and ceiling is a setting with its production value as the default, so that
 * tests and load runs shorten it by name. A missing or weak setting is an error that names it, before anything is touched.
 */
import type { QueueMessage } from './contract/gpu-message.ts';
import { PLAN_IDS, type PlanId } from './contract/user.ts';
import { contradictions } from './contradictions.ts';
import type { Allowance } from './domain/allowance.ts';
import type { JobSettings } from './domain/job/state.ts';
import { isWebhookSecret, keyOfWebhookSecret, MIN_KEY_BYTES } from './domain/webhook-secret.ts';
import type { JobCoordinatorDO } from './durable-objects/job-coordinator/index.ts';
import type { UserLimiterDO } from './durable-objects/user-limiter/index.ts';
import { hideInLogs } from './log.ts';
import { type Problem, SettingsError } from './settings-error.ts';

export { SettingsError };

export interface Env extends Partial<Record<SettingName, string>> {
  DB: D1Database;
  R2: R2Bucket;
  GPU_QUEUE: Queue<QueueMessage>;
  /** Sign-ups per address and minute. */
  SIGNUP_LIMIT: RateLimit;
  /** Mutations per user, router and minute. */
  MUTATION_LIMIT: RateLimit;
  USER_LIMITER: DurableObjectNamespace<UserLimiterDO>;
  JOB_COORDINATOR: DurableObjectNamespace<JobCoordinatorDO>;
}

/** Numbers that an operator may change: name → default, smallest and largest value. Names end in their unit. */
const NUMBERS = {
  JOB_CREATED_MS: [60 * 60_000, 100, 7 * 86_400_000],
  JOB_UPLOADED_MS: [86_400_000, 100, 7 * 86_400_000],
  JOB_EXECUTION_MS: [86_400_000, 100, 7 * 86_400_000],
  JOB_LEASE_MS: [15 * 60_000, 100, 86_400_000],
  JOB_ATTEMPT_PER_PHOTO_MS: [60_000, 0, 3_600_000],
  JOB_MAX_ATTEMPTS: [3, 1, 10],
  JOB_INPUT_RETENTION_MS: [86_400_000, 0, 30 * 86_400_000],
  JOB_RESULT_RETENTION_MS: [30 * 86_400_000, 100, 365 * 86_400_000],
  JOB_LEND_MS: [120 * 86_400_000, 0, 3_650 * 86_400_000],
  JOB_LAST_LOOK_MS: [30 * 60_000, 0, 86_400_000],
  RECONCILE_USERS: [150, 1, 10_000],
  RECONCILE_ROUND_MS: [86_400_000, 0, 30 * 86_400_000],
  HISTORY_DAYS: [400, 1, 36_500],
  JOB_EFFECT_GRACE_MS: [30_000, 100, 300_000],
  HOLD_CHECK_MS: [120_000, 100, 86_400_000],
  PROJECTION_DELAY_MS: [2_000, 0, 60_000],
  EFFECT_TIMEOUT_MS: [10_000, 100, 60_000],
  PROVIDER_TIMEOUT_MS: [20_000, 100, 60_000],
  UPLOAD_URL_SECONDS: [15 * 60, 1, 7 * 86_400],
  DOWNLOAD_URL_SECONDS: [3_600, 1, 7 * 86_400],
  DOWNLOAD_ROUNDING_SECONDS: [1_800, 1, 86_400],
  TICKET_SECONDS: [60, 1, 3_600],
  WATCH_MAX_SOCKETS: [20, 1, 1_000],
  WATCH_IDLE_MS: [60_000, 100, 3_600_000],
  WATCH_SOCKET_MS: [3_600_000, 100, 86_400_000],
  WATCH_CLOSE_MS: [30_000, 100, 3_600_000],
  TOKEN_SECONDS: [30 * 86_400, 1, 365 * 86_400],
  TOKEN_RENEW_SECONDS: [30 * 86_400, 0, 365 * 86_400],
  SIGNUP_REPEAT_MS: [86_400_000, 0, 30 * 86_400_000],
  SESSION_CACHE_MS: [60_000, 0, 3_600_000],
  REVOKE_REPEAT_MS: [600_000, 0, 86_400_000],
  DAILY_REVOCATIONS: [50, 1, 1_000_000_000],
  SIGNUP_DAILY_CREDITS: [10_000, 0, 1_000_000_000],
  SIGNUP_ADDRESS_DAILY_CREDITS: [50, 0, 1_000_000_000],
  SIGNUP_ADDRESS_HOURLY: [60, 1, 1_000_000_000],
  TURNSTILE_TIMEOUT_MS: [5_000, 100, 60_000],
  GPU_DAILY_PHOTOS: [20_000, 0, 1_000_000_000],
  FREE_DAILY_JOBS: [30, 0, 1_000_000_000],
  FREE_DAILY_UNPAID_PHOTOS: [20, 0, 1_000_000_000],
  FREE_HOURLY_QUERIES: [600, 0, 1_000_000_000],
  FREE_DAILY_RULE_CHANGES: [200, 0, 1_000_000_000],
  PRO_DAILY_JOBS: [500, 0, 1_000_000_000],
  PRO_DAILY_UNPAID_PHOTOS: [600, 0, 1_000_000_000],
  PRO_HOURLY_QUERIES: [3_000, 0, 1_000_000_000],
  PRO_DAILY_RULE_CHANGES: [2_000, 0, 1_000_000_000],
  GPU_BATCH_CONCURRENCY: [4, 1, 64],
  GPU_RETRY_SECONDS: [5, 0, 3_600],
} as const satisfies Record<string, readonly [number, number, number]>;

export type NumberName = keyof typeof NUMBERS;
type SecretName =
  | 'JWT_SECRET'
  | 'JWT_SECRET_PREVIOUS'
  | 'GPU_CALLBACK_SECRET'
  | 'GPU_CALLBACK_SECRET_PREVIOUS'
  | 'R2_ACCESS_KEY_ID'
  | 'R2_SECRET_ACCESS_KEY'
  | 'GPU_API_KEY'
  | 'ADMIN_SECRET'
  | 'TURNSTILE_SECRET';
type TextName =
  | 'R2_ACCOUNT_ID'
  | 'R2_BUCKET_NAME'
  | 'R2_S3_ENDPOINT'
  | 'R2_SIGN_COPY_SOURCE'
  | 'PUBLIC_BASE_URL'
  | 'GPU_PROVIDER'
  | 'GPU_URL'
  | 'GPU_CALLBACK_GLOBAL_SECRET'
  | 'TURNSTILE_URL'
  | 'CORS_ORIGINS';
export type SettingName = NumberName | SecretName | TextName;

/** Settings as the code uses them; see README for what each is for. */
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
  gpu: { provider: 'runpod' | 'http'; url: string | null; apiKey: string | null };
  /** Without a secret nobody is asked whether he is human. */
  turnstile: { secret: string | null; url: string };
  corsOrigins: string[];
  numbers: Record<NumberName, number>;
  job: JobSettings;
  /** What an account may take in a day, by its plan. */
  allowances: Record<PlanId, Allowance>;
};

const MIN_SECRET_BYTES = 32;
const TURNSTILE_URL = 'https://challenges.cloudflare.com/turnstile/v0/siteverify';
/** The wrangler bundler fills this in: `production` for a deployed bundle, something else in development and tests. */
const PRODUCTION = process.env.NODE_ENV === 'production';

const cache = new WeakMap<object, Settings>();

/** The checked settings of `env`; throws {@link SettingsError}. Parsed once per isolate. */
export function settingsOf(env: Env): Settings {
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

export function parseSettings(env: Partial<Record<SettingName, string>>, production: boolean): Settings {
  const problems: Problem[] = [];
  const bad = (name: SettingName, problem: string) => problems.push({ name, problem });
  const optional = (name: SettingName): string | null => env[name]?.trim() || null;
  const required = (name: SettingName): string => {
    const value = optional(name);
    if (value === null) bad(name, 'is missing');
    return value ?? '';
  };
  const strong = (name: SecretName, value: string | null) => {
    const bytes = value === null ? 0 : new TextEncoder().encode(value).length;
    if (production && value && bytes < MIN_SECRET_BYTES) bad(name, `has ${bytes} bytes and needs ${MIN_SECRET_BYTES}`);
    return value;
  };
  /** In the form of Standard Webhooks its key has to be one for a stock library as well. */
  const signing = (name: SecretName, value: string | null) => {
    if (value === null || !isWebhookSecret(value)) return strong(name, value);
    const bytes = keyOfWebhookSecret(value)?.length ?? 0;
    if (bytes < MIN_KEY_BYTES) bad(name, `has after whsec_ no base64 of ${MIN_KEY_BYTES} bytes or more`);
    return value;
  };
  const oneOf = <T extends string>(name: TextName, values: readonly [T, ...T[]]): T => {
    const value = optional(name) ?? values[0];
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) bad(name, `is none of ${values.join(', ')}`);
    return found ?? values[0];
  };
  const url = (name: TextName, value: string | null): string | null => {
    if (value === null || value === '') return value;
    if (!/^https?:\/\/\S+$/.test(value) || !URL.canParse(value)) bad(name, 'is not an http(s) URL');
    return value.replace(/\/+$/, '');
  };
  const accountId = required('R2_ACCOUNT_ID');
  const inProduction = (name: SettingName) => (production ? required(name) : optional(name));
  const numbers = parseNumbers(env, bad);
  const settings: Settings = {
    production,
    jwtSecret: strong('JWT_SECRET', required('JWT_SECRET')) ?? '',
    jwtSecretPrevious: strong('JWT_SECRET_PREVIOUS', optional('JWT_SECRET_PREVIOUS')),
    callbackSecret: signing('GPU_CALLBACK_SECRET', required('GPU_CALLBACK_SECRET')) ?? '',
    callbackSecretPrevious: signing('GPU_CALLBACK_SECRET_PREVIOUS', optional('GPU_CALLBACK_SECRET_PREVIOUS')),
    callbackGlobalSecret: oneOf('GPU_CALLBACK_GLOBAL_SECRET', ['on', 'off']) === 'on',
    adminSecret: strong('ADMIN_SECRET', optional('ADMIN_SECRET')),
    r2: {
      endpoint:
        url('R2_S3_ENDPOINT', optional('R2_S3_ENDPOINT') ?? `https://${accountId}.r2.cloudflarestorage.com`) ?? '',
      bucket: required('R2_BUCKET_NAME'),
      accessKeyId: required('R2_ACCESS_KEY_ID'),
      secretAccessKey: required('R2_SECRET_ACCESS_KEY'),
      signCopySource: oneOf('R2_SIGN_COPY_SOURCE', ['off', 'on']) === 'on',
    },
    publicBaseUrl: url('PUBLIC_BASE_URL', inProduction('PUBLIC_BASE_URL')),
    gpu: {
      provider: oneOf('GPU_PROVIDER', ['runpod', 'http']),
      url: url('GPU_URL', inProduction('GPU_URL')),
      apiKey: inProduction('GPU_API_KEY'),
    },
    turnstile: {
      secret: optional('TURNSTILE_SECRET'),
      url: url('TURNSTILE_URL', optional('TURNSTILE_URL')) ?? TURNSTILE_URL,
    },
    corsOrigins: (optional('CORS_ORIGINS') ?? '').split(/[\s,]+/).filter(Boolean),
    numbers,
    job: jobSettings(numbers),
    allowances: allowances(numbers),
  };
  // A number that is no good by itself has been named, and says nothing beside another one.
  const isGood = ({ name, other }: { name: string; other?: string }) =>
    !problems.some((one) => one.name === name || one.name === other);
  const isSet = (name: NumberName): boolean => optional(name) !== null;
  for (const { name, other, wrong } of contradictions(numbers, isSet).filter(isGood)) {
    problems.push(other === undefined ? { name, problem: wrong } : { name, other, problem: `${wrong} ${other}` });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function parseNumbers(env: Partial<Record<SettingName, string>>, bad: (name: SettingName, problem: string) => void) {
  const read = ([name, [fallback, min, max]]: [string, readonly [number, number, number]]) => {
    const text = env[name as NumberName]?.trim();
    const value = text === undefined || text === '' ? fallback : Number(text);
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      bad(name as NumberName, `is not a whole number from ${min} to ${max}`);
    }
    return [name, value];
  };
  return Object.fromEntries(Object.entries(NUMBERS).map(read)) as Record<NumberName, number>;
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
    uploadedMs: numbers.JOB_UPLOADED_MS,
    executionMs: numbers.JOB_EXECUTION_MS,
    leaseMs: numbers.JOB_LEASE_MS,
    attemptPerPhotoMs: numbers.JOB_ATTEMPT_PER_PHOTO_MS,
    maxAttempts: numbers.JOB_MAX_ATTEMPTS,
    uploadUrlMs: numbers.UPLOAD_URL_SECONDS * 1000,
    inputRetentionMs: numbers.JOB_INPUT_RETENTION_MS,
    resultRetentionMs: numbers.JOB_RESULT_RETENTION_MS,
    lendMs: numbers.JOB_LEND_MS,
    lastLookMs: numbers.JOB_LAST_LOOK_MS,
    effectGraceMs: numbers.JOB_EFFECT_GRACE_MS,
  };
}
