/** The settings, checked: a missing or weak one is an error that names it, before anything is touched. */
import { PLAN_IDS, type PlanId } from '../contract/user.ts';
import type { Allowance } from '../domain/allowance.ts';
import type { JobSettings } from '../domain/job/state.ts';
import { isWebhookSecret, keyOfWebhookSecret, MIN_KEY_BYTES } from '../domain/webhook-secret.ts';
import { hideInLogs } from '../log.ts';
import { contradictions } from './contradictions.ts';
import { type Problem, SettingsError } from './error.ts';
import {
  NUMBERS,
  type NumberName,
  type SecretName,
  type SettingName,
  type SettingTexts,
  type TextName,
} from './names.ts';

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

function parseNumbers(env: SettingTexts, bad: (name: SettingName, problem: string) => void) {
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
