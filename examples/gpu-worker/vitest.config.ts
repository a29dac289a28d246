// The worker's tests run in plain Node, with real photos, real HTTP and real threads.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'gpu-worker',
    environment: 'node',
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
