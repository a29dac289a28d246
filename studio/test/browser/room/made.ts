/** An album that was made before a visitor comes: by the published client in this process, and remembered as the page itself would have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResult } from '@s3-workers/client-sdk';
import type { Room } from './room.ts';
import type { Visitor } from './visitor.ts';

export type Concepts = Record<string, { action: 'recolor'; value: string }>;
const paint = (value: string): Concepts => ({ Wall: { action: 'recolor', value } });

async function clientOf(room: Room, { account }: Visitor) {
  if (account === null) throw new Error('the visitor has no account');
  const { createClient } = await import('@s3-workers/client-sdk');
  return createClient({ baseUrl: room.stack.baseUrl, auth: { token: account.token } });
}

/** Runs an album for the account of a visitor. */
export async function made(room: Room, visitor: Visitor, files: readonly string[]): Promise<RunResult> {
  const client = await clientOf(room, visitor);
  const photos = files.map((file) => ({ name: path.basename(file), data: new Uint8Array(readFileSync(file)) }));
  const concepts = paint('sage');
  const result = await client.jobs.run({ preset: 'interior', files: photos, rule: { concepts } });
  await remember(visitor, {
    jobId: result.jobId,
    names: photos.map(({ name }) => name),
    as: 'album',
    from: null,
    concepts,
  });
  return result;
}

/** Another look at the same photos, whose walls get that colour. */
export async function anotherLook(room: Room, visitor: Visitor, from: RunResult, colour: string): Promise<RunResult> {
  const client = await clientOf(room, visitor);
  const concepts = paint(colour);
  const result = await client.jobs.fork(from.jobId, { concepts }).result();
  await remember(visitor, {
    jobId: result.jobId,
    names: from.items.map(({ name }) => name),
    as: 'look',
    from: from.jobId,
    concepts,
  });
  return result;
}

const remember = ({ page }: Visitor, job: Record<string, unknown>): Promise<void> =>
  page.evaluate(
    (one) => {
      const key = 's3-studio-jobs';
      const before: unknown[] = JSON.parse(localStorage.getItem(key) ?? '[]');
      localStorage.setItem(key, JSON.stringify([one, ...before]));
    },
    { indexes: null, preset: 'interior', protect: null, ...job },
  );

/** Goes to a place of the page, as whoever loads it there. */
export async function goTo({ page }: Visitor, hash: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`/${hash}`);
}
