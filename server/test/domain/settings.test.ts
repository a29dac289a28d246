/** Settings: a missing, weak or odd one is an error that names it, and all of them at once. */
import { describe, expect, test } from 'vitest';
import { SettingsError } from '../../src/settings/error.ts';
import type { SettingName } from '../../src/settings/names.ts';
import { parseSettings } from '../../src/settings/settings.ts';

type Vars = Partial<Record<SettingName, string>>;

/** The `.dev.vars` that have to boot locally, from the contract. */
const DEV: Vars = {
  JWT_SECRET: 'dev-secret-minimum-32-characters-long',
  GPU_CALLBACK_SECRET: 'dev-callback-secret',
  R2_ACCOUNT_ID: 'account',
  R2_ACCESS_KEY_ID: 'key-id',
  R2_SECRET_ACCESS_KEY: 'key',
  R2_BUCKET_NAME: 's3-images',
};
const STRONG = 'a-secret-of-thirty-two-bytes-or-more';
const PRODUCTION: Vars = {
  ...DEV,
  JWT_SECRET: STRONG,
  GPU_CALLBACK_SECRET: STRONG,
  PUBLIC_BASE_URL: 'https://api.example.com',
  GPU_URL: 'https://gpu.example.com',
  GPU_API_KEY: 'gpu-key',
};

/** Names of the settings that are complained about; none when they are fine. */
function complaints(vars: Vars, production = false): string[] {
  try {
    parseSettings(vars, production);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const name of error.settings) expect(error.message).toContain(name);
    return error.settings.toSorted();
  }
}

/** Milliseconds, seconds or counts: name → production value. Every deadline and limit of the contract is among them. */
const NUMBERS: Partial<Record<SettingName, number>> = {
  JOB_CREATED_MS: 3_600_000,
  JOB_CREATED_MAX_MS: 86_400_000,
  JOB_UPLOADED_MS: 86_400_000,
  JOB_EXECUTION_MS: 86_400_000,
  JOB_LEASE_MS: 900_000,
  JOB_MAX_ATTEMPTS: 3,
  JOB_RESULT_RETENTION_MS: 2_592_000_000,
  UPLOAD_URL_SECONDS: 900,
  DOWNLOAD_URL_SECONDS: 3_600,
  DOWNLOAD_ROUNDING_SECONDS: 1_800,
  TICKET_SECONDS: 60,
  WATCH_MAX_SOCKETS: 20,
  WATCH_IDLE_MS: 60_000,
  WATCH_CLOSE_MS: 30_000,
  WATCH_SOCKET_MS: 3_600_000,
  TOKEN_SECONDS: 2_592_000,
  TOKEN_RENEW_SECONDS: 2_592_000,
  SIGNUP_REPEAT_MS: 86_400_000,
  GPU_BATCH_CONCURRENCY: 4,
};
const everyNumber = Object.keys(parseSettings(DEV, false).numbers) as SettingName[];

describe('in development', () => {
  test('the .dev.vars of the contract boot', () => {
    expect(complaints(DEV)).toEqual([]);
    expect(parseSettings(DEV, false)).toMatchObject({
      production: false,
      jwtSecret: 'dev-secret-minimum-32-characters-long',
      callbackSecret: 'dev-callback-secret',
      callbackGlobalSecret: true,
      adminSecret: null,
      publicBaseUrl: null,
      gpu: { provider: 'runpod', url: null, apiKey: null },
      corsOrigins: [],
    });
  });

  test('nothing at all names everything that is missing, at once', () => {
    expect(complaints({})).toEqual(Object.keys(DEV).toSorted());
  });

  test.each(Object.keys(DEV) as SettingName[])('%s is named when it is missing, empty or blank', (name) => {
    const { [name]: _, ...rest } = DEV;
    expect(complaints(rest)).toEqual([name]);
    expect(complaints({ ...DEV, [name]: '' })).toEqual([name]);
    expect(complaints({ ...DEV, [name]: '  ' })).toEqual([name]);
  });
});

describe('in production', () => {
  test('complete and strong settings are taken', () => {
    expect(complaints(PRODUCTION, true)).toEqual([]);
    expect(parseSettings(PRODUCTION, true)).toMatchObject({
      production: true,
      publicBaseUrl: 'https://api.example.com',
      gpu: { url: 'https://gpu.example.com', apiKey: 'gpu-key' },
    });
  });

  test('the .dev.vars are too weak and lack where to call, by name', () => {
    expect(complaints(DEV, true)).toEqual(['GPU_API_KEY', 'GPU_CALLBACK_SECRET', 'GPU_URL', 'PUBLIC_BASE_URL']);
  });

  test('a missing address is complained about once', () => {
    const { PUBLIC_BASE_URL: _, ...rest } = PRODUCTION;
    expect(complaints(rest, true)).toEqual(['PUBLIC_BASE_URL']);
  });

  test.each([
    'JWT_SECRET',
    'JWT_SECRET_PREVIOUS',
    'GPU_CALLBACK_SECRET',
    'GPU_CALLBACK_SECRET_PREVIOUS',
    'ADMIN_SECRET',
  ] as const)('%s of 31 bytes is too weak, and of 32 is not', (name) => {
    expect(complaints({ ...PRODUCTION, [name]: 'x'.repeat(31) }, true)).toEqual([name]);
    expect(complaints({ ...PRODUCTION, [name]: 'x'.repeat(32) }, true)).toEqual([]);
    expect(complaints({ ...PRODUCTION, [name]: 'é'.repeat(16) }, true)).toEqual([]);
  });

  test('the text of an error holds no secret', () => {
    const weak = 'hunter2-hunter2';
    expect(() => parseSettings({ ...PRODUCTION, JWT_SECRET: weak }, true)).toThrow(/^(?!.*hunter2).*JWT_SECRET/s);
  });
});

describe('numbers', () => {
  test('have the production values of the contract as defaults', () => {
    expect(parseSettings(DEV, false).numbers).toMatchObject(NUMBERS);
  });

  test('reach the job in milliseconds, under the names that decisions use', () => {
    const vars = {
      ...DEV,
      JOB_LEASE_MS: '1000',
      UPLOAD_URL_SECONDS: '7',
      JOB_MAX_ATTEMPTS: '2',
      JOB_CREATED_MS: '8000',
      JOB_CREATED_MAX_MS: '9000',
    };
    expect(parseSettings(vars, false).job).toMatchObject({
      leaseMs: 1000,
      uploadUrlMs: 7000,
      maxAttempts: 2,
      createdMs: 8000,
      createdMaxMs: 9000,
    });
  });

  test.each(everyNumber)('%s is named when it is no whole number or out of range', (name) => {
    for (const value of ['-1', '1.5', 'soon', 'NaN', 'Infinity', '1e15', '9007199254740993']) {
      expect(complaints({ ...DEV, [name]: value })).toEqual([name]);
    }
  });

  test('are named all at once, together with what else is wrong', () => {
    const bad = Object.fromEntries(everyNumber.map((name) => [name, '-1']));
    expect(complaints({ ...bad, GPU_PROVIDER: 'other' })).toEqual(
      [...Object.keys(DEV), ...everyNumber, 'GPU_PROVIDER'].toSorted(),
    );
  });

  // settings.ts reads a blank as 0, which is in range for some; when it does not any more, `.fails` goes.
  test('that are blank have their defaults, or are named', () => {
    const vars = { ...DEV, JOB_ATTEMPT_PER_PHOTO_MS: ' ' };
    expect(complaints(vars).length === 1 || parseSettings(vars, false).job.attemptPerPhotoMs === 60_000).toBe(true);
  });

  test('that are empty have their defaults', () => {
    expect(parseSettings({ ...DEV, JOB_LEASE_MS: '' }, false).job.leaseMs).toBe(900_000);
  });
});

describe('settings that contradict each other', () => {
  const pairs: [Record<string, string>, string, string][] = [
    [{ UPLOAD_URL_SECONDS: '3601' }, 'UPLOAD_URL_SECONDS', 'JOB_CREATED_MS'],
    [{ JOB_CREATED_MS: '899999' }, 'UPLOAD_URL_SECONDS', 'JOB_CREATED_MS'],
    [{ JOB_EXECUTION_MS: '899999' }, 'JOB_LEASE_MS', 'JOB_EXECUTION_MS'],
    [{ JOB_ATTEMPT_PER_PHOTO_MS: '3600000' }, 'JOB_ATTEMPT_PER_PHOTO_MS', 'JOB_LEASE_MS'],
    [{ JOB_RESULT_RETENTION_MS: '1799999' }, 'JOB_LAST_LOOK_MS', 'JOB_RESULT_RETENTION_MS'],
    [{ HISTORY_DAYS: '29' }, 'JOB_RESULT_RETENTION_MS', 'HISTORY_DAYS'],
    [{ HOLD_CHECK_MS: '9999' }, 'EFFECT_TIMEOUT_MS', 'HOLD_CHECK_MS'],
    [{ WATCH_IDLE_MS: '3600000', WATCH_SOCKET_MS: '60000' }, 'WATCH_IDLE_MS', 'WATCH_SOCKET_MS'],
    [{ DOWNLOAD_ROUNDING_SECONDS: '1801' }, 'DOWNLOAD_ROUNDING_SECONDS', 'DOWNLOAD_URL_SECONDS'],
  ];
  test.each(pairs)('%o names both', (vars, name, other) => {
    expect(complaints({ ...DEV, ...vars })).toEqual([name, other].toSorted());
    expect(() => parseSettings({ ...DEV, ...vars }, false)).toThrow(new RegExp(`${name} .*${other}`));
  });

  test.each([
    ['FREE_DAILY_UNPAID_PHOTOS', 10],
    ['PRO_DAILY_UNPAID_PHOTOS', 200],
  ])('%s below what a job of its plan may have is named: such a job could never be executed', (name, photos) => {
    expect(parseSettings({ ...DEV, [name]: String(photos) }, false)).toBeDefined();
    const vars = { ...DEV, [name]: String(photos - 1) };
    expect(complaints(vars)).toEqual([name]);
    expect(() => parseSettings(vars, false)).toThrow(new RegExp(`${name} .*${photos} photos`));
  });

  test('are not looked for among those that are wrong by themselves', () => {
    expect(complaints({ ...DEV, UPLOAD_URL_SECONDS: '3601', JOB_CREATED_MS: 'soon' })).toEqual(['JOB_CREATED_MS']);
  });

  test('are none while the rounding is left to go along with the life of download URLs', () => {
    expect(parseSettings({ ...DEV, DOWNLOAD_URL_SECONDS: '600' }, false).numbers.DOWNLOAD_URL_SECONDS).toBe(600);
    expect(parseSettings({ ...DEV, DOWNLOAD_URL_SECONDS: '2', DOWNLOAD_ROUNDING_SECONDS: '1' }, false)).toBeDefined();
  });
});

describe('a callback secret in the form of Standard Webhooks', () => {
  const names = ['GPU_CALLBACK_SECRET', 'GPU_CALLBACK_SECRET_PREVIOUS'] as const;
  const secretOf = (bytes: number) => `whsec_${btoa('k'.repeat(bytes))}`;

  test.each(names)('as %s has 24 bytes or more after its prefix, as the specification asks for', (name) => {
    expect(complaints({ ...PRODUCTION, [name]: secretOf(24) }, true)).toEqual([]);
    expect(complaints({ ...PRODUCTION, [name]: secretOf(23) }, true)).toEqual([name]);
  });

  test.each(names)('as %s is base64 after its prefix, or a stock library would sign with something else', (name) => {
    for (const rest of ['', '!'.repeat(40), 'not base64 but as long as a secret is']) {
      expect(complaints({ ...PRODUCTION, [name]: `whsec_${rest}` }, true)).toEqual([name]);
    }
    expect(complaints({ ...PRODUCTION, [name]: `whsec_${'-_'.repeat(20)}` }, true)).toEqual([]);
  });
});

describe('addresses and switches', () => {
  test('the storage endpoint comes from the account id, unless it is set', () => {
    expect(parseSettings(DEV, false).r2.endpoint).toBe('https://account.r2.cloudflarestorage.com');
    const own = { ...DEV, R2_S3_ENDPOINT: 'http://127.0.0.1:9000/' };
    expect(parseSettings(own, false).r2.endpoint).toBe('http://127.0.0.1:9000');
  });

  test.each(['R2_S3_ENDPOINT', 'PUBLIC_BASE_URL', 'GPU_URL'] as const)('%s has to be an http(s) URL', (name) => {
    for (const value of ['example.com', 'ftp://example.com', 'https://', 'https://a b', 'javascript:alert(1)']) {
      expect(complaints({ ...DEV, [name]: value })).toEqual([name]);
    }
  });

  test('origins are split at commas and blanks', () => {
    const vars = { ...DEV, CORS_ORIGINS: 'https://a.test, https://b.test\nhttps://c.test,' };
    expect(parseSettings(vars, false).corsOrigins).toEqual(['https://a.test', 'https://b.test', 'https://c.test']);
  });

  test('the provider, the global callback secret and the masks take their known words only', () => {
    expect(parseSettings({ ...DEV, GPU_PROVIDER: 'http' }, false).gpu.provider).toBe('http');
    expect(complaints({ ...DEV, GPU_PROVIDER: 'HTTP' })).toEqual(['GPU_PROVIDER']);
    const off = { ...DEV, GPU_CALLBACK_GLOBAL_SECRET: 'off' };
    expect(parseSettings(off, false).callbackGlobalSecret).toBe(false);
    expect(complaints({ ...DEV, GPU_CALLBACK_GLOBAL_SECRET: 'false' })).toEqual(['GPU_CALLBACK_GLOBAL_SECRET']);
    expect(parseSettings(DEV, false).gpu.masks).toBe('asked');
    expect(parseSettings({ ...DEV, GPU_MASKS: 'always' }, false).gpu.masks).toBe('always');
    expect(complaints({ ...DEV, GPU_MASKS: 'yes' })).toEqual(['GPU_MASKS']);
  });
});
