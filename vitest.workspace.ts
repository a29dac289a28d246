/**
 * The test projects:
 * - `workerd`: objects, routers, queue, D1 and R2 in the real runtime, with the real platform simulation;
 * - `node`: pure rules, the client package, the GPU worker, scripts;
 * - `e2e`: black box over HTTP against the whole local stack.
 */
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

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
            miniflare: { bindings: { ...TEST_SETTINGS, TEST_MIGRATIONS: migrations } },
          }),
        ],
        test: {
          name: 'workerd',
          fsModuleCache: false,
          include: ['server/test/**/*.test.ts'],
          exclude: ['server/test/domain/**', 'server/test/e2e/**'],
          setupFiles: ['./server/test/setup.ts'],
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
