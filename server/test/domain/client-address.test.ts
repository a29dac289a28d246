/** Whom a limit by address counts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PERIOD_SECONDS } from '../../src/rpc/rate-limit.ts';
import { addressKey } from '../../src/security/client-address.ts';

test.for([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:1:2:3', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  [null, 'unknown'],
  ['', 'unknown'],
  ['nonsense', 'unknown'],
  ['1::2::3', 'unknown'],
  ['1:2:3:4:5:6:7:8:9', 'unknown'],
  ['1:2:3:4:5:6::8', '1:2:3:4::/64'],
  ['1:2:3:4:5:6:7:8::', 'unknown'],
  ['12345::1', 'unknown'],
  ['x'.repeat(100), 'unknown'],
] as const)('%s counts as %s', ([address, key]) => {
  expect(addressKey(address)).toBe(key);
});

test('wrangler.toml has every limit count over the period that callers are told to wait', () => {
  const toml = readFileSync('wrangler.toml', 'utf8');
  const periods = [...toml.matchAll(/period = (\d+)/g)].map(([, seconds]) => Number(seconds));
  // Two in production, two in staging.
  expect(periods).toEqual(Array(4).fill(PERIOD_SECONDS));
});
