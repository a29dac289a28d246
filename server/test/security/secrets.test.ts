/** Rotating secrets, and weak ones: what production refuses, and what stays good while a secret is replaced. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { ask, askWith, signUp } from '../../../proving/world/workerd/client.ts';
import { SettingsError } from '../../src/settings/error.ts';
import { parseSettings } from '../../src/settings/settings.ts';

const problemsOf = (settings: Parameters<typeof parseSettings>[0], production: boolean): string[] => {
  try {
    parseSettings(settings, production);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.settings;
    throw error;
  }
};

test('a session under the previous secret is good while that is set, and not after that', async () => {
  const { token, userId } = await signUp();
  const headers = { authorization: `Bearer ${token}` };
  const rotated = {
    ...env,
    JWT_SECRET: 'a-new-jwt-secret-of-at-least-32-bytes',
    JWT_SECRET_PREVIOUS: env.JWT_SECRET ?? '',
  };
  const during = await askWith(rotated, '/trpc/user.me', { headers });
  expect(during.status).toBe(200);
  expect(await during.text()).toContain(userId);
  const { JWT_SECRET_PREVIOUS: _, ...later } = rotated;
  expect((await askWith(later, '/trpc/user.me', { headers })).status).toBe(401);
  expect((await ask('/trpc/user.me', { headers })).status).toBe(200);
});

test('the secrets of the documented .dev.vars are good in development and named as weak in production', () => {
  const dev = {
    ...env,
    JWT_SECRET: 'dev-secret-minimum-32-characters-long',
    GPU_CALLBACK_SECRET: 'dev-callback-secret',
    ADMIN_SECRET: 'short',
  };
  expect(problemsOf(dev, false)).toEqual([]);
  expect(problemsOf(dev, true)).toEqual(['GPU_CALLBACK_SECRET', 'ADMIN_SECRET']);
});

test('production also needs where it is reached and who runs the GPU', () => {
  const { PUBLIC_BASE_URL: _, GPU_URL: __, GPU_API_KEY: ___, ...bare } = env;
  expect(problemsOf(bare, false)).toEqual([]);
  expect(problemsOf(bare, true)).toEqual(['PUBLIC_BASE_URL', 'GPU_URL', 'GPU_API_KEY']);
});

test('a setting that is set to something else than it can be is named', () => {
  const wrong = { ...env, GPU_PROVIDER: 'magic', GPU_URL: 'ftp://x', R2_S3_ENDPOINT: 'not a url', JOB_LEASE_MS: '1.5' };
  expect(problemsOf(wrong, false).toSorted()).toEqual(['GPU_PROVIDER', 'GPU_URL', 'JOB_LEASE_MS', 'R2_S3_ENDPOINT']);
});
