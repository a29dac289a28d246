/**
 * The tests of the domain's rules as Stryker runs them: for each mutant those that pass it. Left out are the random walks, which pass
 * everything and would take most of the time: what the examples do not notice counts as unnoticed.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['server/test/domain/*.test.ts', 'server/test/domain/job/*.test.ts'],
    exclude: ['**/machine.test.ts', '**/settings.test.ts', '**/errors.test.ts', '**/migrations.test.ts'],
    testTimeout: 30_000,
  },
});
