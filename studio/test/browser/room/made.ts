/** An album that was made before a visitor comes: by the published client in this process, and remembered as the page itself would have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResult } from '@s3-workers/client-sdk';
import type { Room } from './room.ts';
import type { Visitor } from './visitor.ts';

export type Concepts = Record<string, { action: 'recolor'; value: string }>;
const WALLS: Concepts = { Wall: { action: 'recolor', value: 'sage' } };

/** Runs an album for the account of a visitor. */
export async function made(room: Room, { page, account }: Visitor, files: readonly string[]): Promise<RunResult> {
  if (account === null) throw new Error('the visitor has no account');
  const { createClient } = await import('@s3-workers/client-sdk');
  const client = createClient({ baseUrl: room.stack.baseUrl, auth: { token: account.token } });
  const photos = files.map((file) => ({ name: path.basename(file), data: new Uint8Array(readFileSync(file)) }));
  const result = await client.jobs.run({ preset: 'interior', files: photos, rule: { concepts: WALLS } });
  await remember(
    page,
    result.jobId,
    photos.map(({ name }) => name),
  );
  return result;
}

const remember = (page: Visitor['page'], jobId: string, names: readonly string[]): Promise<void> =>
  page.evaluate(
    (job) => {
      const key = 's3-studio-jobs';
      const before: unknown[] = JSON.parse(localStorage.getItem(key) ?? '[]');
      localStorage.setItem(key, JSON.stringify([job, ...before]));
    },
    { jobId, names, from: null, indexes: null, preset: 'interior', concepts: WALLS, protect: null },
  );

/** Goes to a place of the page, as whoever loads it there. */
export async function goTo({ page }: Visitor, hash: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`/${hash}`);
}
