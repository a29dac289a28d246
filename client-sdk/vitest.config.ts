import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'client-sdk', environment: 'node', include: ['test/**/*.test.ts'] } });
