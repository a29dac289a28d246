/** What the bundle weighs, and what it costs to start. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ProductionBundle } from '../../../start/production-bundle.ts';
import { median } from './closed-loop.ts';

export type BundleFigures = { bytes: number; gzip: number; startUpMs: number };

/**
 * CPU of parsing and running the bundle's top level, in V8 without any cache: a fresh Node each time, the median of `times`. workerd's own
 * start is not in it, as the platform does not count it either.
 */
export function bundleFigures({ code, file }: ProductionBundle, times: number): BundleFigures {
  const child = path.join(import.meta.dirname, 'start-up-child.mjs');
  const run = () =>
    Number(
      execFileSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', child, file], { encoding: 'utf8' }),
    );
  const startUpMs = median(Array.from({ length: times }, run));
  return { bytes: Buffer.byteLength(code), gzip: gzipSync(code).length, startUpMs };
}
