/**
 * The test projects:
 * - `workerd`: objects, routers, queue, D1 and R2 in the real runtime, with the real platform simulation;
 * - `model`: random lives of users and jobs in the same runtime, in a process of their own;
 * - `crash`: the same, with a crash point in place of every await of the server;
 * - `node`: pure rules, the client package, the GPU worker, scripts;
 * - `e2e`: black box over HTTP against the whole local stack;
 * - `suites`: what others wrote to test programs like this one, against the production bundle;
 * - `studio`: the studio in a browser, against the whole local stack.
 *
 * `npm test` runs `e2e` and `suites` beside the others, and leaves `studio` to `npm run test:studio` (checks/test.ts).
 */
import { availableParallelism } from 'node:os';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { crashPoints } from './proving/crash-points/plugin.ts';
import { aliasOf, readWranglerToml } from './start/local/wrangler-toml.ts';

const migrations = await readD1Migrations('./migrations');

/** The server's modules as they are deployed: what stands in place of a package there does so here. */
const resolve = {
  alias: Object.entries(aliasOf(await readWranglerToml())).map(([name, replacement]) => ({
    find: new RegExp(`^${name}$`),
    replacement,
  })),
};

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
  // Thousands of lives on one day: the ceilings are tested with settings of their own.
  SIGNUP_DAILY_CREDITS: '1000000000',
  SIGNUP_ADDRESS_DAILY_CREDITS: '100000000',
  SIGNUP_ADDRESS_HOURLY: '1000000000',
  GPU_DAILY_PHOTOS: '1000000000',
};

/** Lives of thousands of jobs in one day. Elsewhere the allowances are those of production. */
const MANY_LIVES = {
  FREE_DAILY_JOBS: '1000000000',
  FREE_DAILY_UNPAID_PHOTOS: '1000000000',
  FREE_HOURLY_QUERIES: '1000000000',
  FREE_DAILY_RULE_CHANGES: '1000000000',
  PRO_DAILY_JOBS: '1000000000',
  PRO_DAILY_UNPAID_PHOTOS: '1000000000',
  PRO_HOURLY_QUERIES: '1000000000',
  PRO_DAILY_RULE_CHANGES: '1000000000',
};

/** Jobs of a few photos go in several runs; the provider is asked seldom enough that a day has few alarms. */
const SMALL_RUNS = {
  GPU_JOB_RUNS: '2',
  GPU_RUN_FIRST_PHOTOS: '2',
  GPU_RUN_PHOTOS: '6',
  GPU_ASK_MS: '240000',
};

const limit = (namespace_id: string) => ({ namespace_id, simple: { limit: 1_000_000, period: 60 as const } });
/** Out of the way, like the ceilings. */
const RATE_LIMITS = { SIGNUP_LIMIT: limit('1001'), MUTATION_LIMIT: limit('1002') };

/** Which runs of proving/lives: see suite.ts there. */
const { MODEL_SEED = '', MODEL_PATH = '', MODEL_RUNS = '' } = process.env;

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which it needs little of, and files in workerd wait for storage a third of their time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
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
            miniflare: { ratelimits: RATE_LIMITS, bindings: { ...TEST_SETTINGS, TEST_MIGRATIONS: migrations } },
          }),
        ],
        resolve,
        test: {
          name: 'workerd',
          fsModuleCache: false,
          include: ['server/test/**/*.test.ts'],
          exclude: ['server/test/domain/**', 'server/test/e2e/**'],
          setupFiles: ['./server/test/setup.ts'],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              ratelimits: RATE_LIMITS,
              bindings: {
                ...TEST_SETTINGS,
                ...MANY_LIVES,
                // So that lives of fifty steps come to it.
                JOB_CREATED_MAX_MS: '5400000',
                TEST_MIGRATIONS: migrations,
                ...SMALL_RUNS,
                MODEL_SEED,
                MODEL_PATH,
                MODEL_RUNS,
              },
            },
          }),
        ],
        resolve,
        test: {
          name: 'model',
          fsModuleCache: false,
          include: ['proving/lives/**/*.test.ts'],
          setupFiles: ['./server/test/setup.ts'],
        },
      },
      {
        plugins: [
          crashPoints(),
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              ratelimits: RATE_LIMITS,
              bindings: { ...TEST_SETTINGS, ...MANY_LIVES, TEST_MIGRATIONS: migrations },
            },
          }),
        ],
        resolve,
        test: {
          name: 'crash',
          fsModuleCache: false,
          include: ['proving/crash/**/*.test.ts'],
          setupFiles: ['./server/test/setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'node',
          // They leave nothing behind in their process, and a new one for each file would be a third of their time.
          isolate: false,
          environment: 'node',
          include: [
            'server/test/domain/**/*.test.ts',
            'client-sdk/test/**/*.test.ts',
            'studio/test/**/*.test.ts',
            'examples/gpu-worker/test/**/*.test.ts',
            '{checks,proving,start}/test/**/*.test.ts',
          ],
          exclude: ['studio/test/browser/**'],
          setupFiles: ['./checks/test/seed.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['server/test/e2e/**/*.test.ts', 'studio/test/browser/short/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A browser and two whole stacks at a time are more than two cores do in the times that these tests are about.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'studio',
          environment: 'node',
          include: ['studio/test/browser/**/*.test.ts'],
          exclude: ['studio/test/browser/short/**'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // One stack and one browser at a time, as above.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'suites',
          environment: 'node',
          include: ['proving/suites/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
