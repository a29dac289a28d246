/** What the tests run is what is deployed: tRPC from its sources (docs/decisions/0012-trpc-from-source.md). */
import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';

test("tRPC is not the package's built files, which are compiled for old browsers", () => {
  // Those have no `??` left.
  expect(String(TRPCError)).toContain('??');
});
