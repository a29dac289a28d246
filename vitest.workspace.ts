/**
 * The test projects:
 * - `workerd`: objects, routers, queue, D1 and R2 in the real runtime, with the real platform simulation;
 * - `crash`: the same, with a crash point in place of every await of the server;
 * - `node`: pure rules, the client package, the GPU worker, scripts;
 * - `e2e`: black box over HTTP against the whole local stack.
 */
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { crashPoints } from './scripts/crash-points/plugin.ts';

const migrations = await readD1Migrations('./migrations');

/** Obviously fake, and for tests only. */
const TEST_SETTINGS = {
  JWT_SECRET: 'test-jwt-secret-at-least-32-bytes-long',
  GPU_CALLBACK_SECRET: 'test-callback-secret-at-least-32-bytes',
  R2_ACCOUNT_ID: 'test',
  R2_ACCESS_KEY_ID: 'test-access-key',
  R2_SECRET_ACCESS_KEY: 'test-secret-key',
  R2_BUCKET_NAME: 's3-images',
  R2_S3_ENDPOINT: 'https://storage.test',
  PUBLIC_BASE_URL: 'https://api.test',
  GPU_PROVIDER: 'http',
  GPU_URL: 'https://gpu.test',
  GPU_API_KEY: 'test-gpu-key',
  ADMIN_SECRET: 'test-admin-secret-at-least-32-bytes',
  CORS_ORIGINS: 'https://app.test',
};

/** Which runs of server/test/model: see suite.ts there. */
const { MODEL_SEED = '', MODEL_PATH = '', MODEL_RUNS = '' } = process.env;

export default defineConfig({
  test: {
    coverage: {
      provider: 'istanbul',
      include: ['server/src/**', 'client-sdk/src/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: { ...TEST_SETTINGS, TEST_MIGRATIONS: migrations, MODEL_SEED, MODEL_PATH, MODEL_RUNS },
            },
          }),
        ],
        test: {
          name: 'workerd',
          fsModuleCache: false,
          include: ['server/test/**/*.test.ts'],
          exclude: [
            'server/test/domain/**',
            'server/test/e2e/**',
            'server/test/crash/**',
            // Minutes of random lives: `npm run soak` asks for them.
            ...(MODEL_RUNS === '' ? ['server/test/model/**'] : []),
          ],
          setupFiles: ['./server/test/setup.ts'],
        },
      },
      {
        plugins: [
          crashPoints(),
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: { ...TEST_SETTINGS, TEST_MIGRATIONS: migrations, MODEL_SEED, MODEL_PATH, MODEL_RUNS },
            },
          }),
        ],
        test: {
          name: 'crash',
          fsModuleCache: false,
          include: ['server/test/crash/**/*.test.ts'],
          setupFiles: ['./server/test/setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'server/test/domain/**/*.test.ts',
            'client-sdk/test/**/*.test.ts',
            'examples/gpu-worker/test/**/*.test.ts',
            'scripts/test/**/*.test.ts',
          ],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['server/test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
