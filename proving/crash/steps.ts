/** What a client does to a job, each as a step that may be repeated after a crash. */
import { TRPCClientError } from '@trpc/client';
import { CHOICE, photos, putInputs, range } from '../world/workerd/jobs.ts';
import type { World } from './world.ts';

/** A job whose photos are awaited. */
export async function create(world: World, count = 2, idempotencyKey = 'job-once'): Promise<string> {
  const input = { preset: 'interior' as const, photos: photos(count), idempotencyKey };
  return (await world.step(() => world.client.jobs.create.mutate(input))).jobId;
}

export async function upload(world: World, jobId: string, count = 2): Promise<void> {
  await putInputs({ userId: world.userId, jobId }, range(count));
  await world.step(() => world.client.jobs.confirmUpload.mutate({ jobId }));
}

export async function execute(world: World, jobId: string): Promise<void> {
  await world.step(() => world.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey: 'execute-once' }));
}

/** In the queue, its message not yet delivered. */
export async function queued(world: World, count = 2, idempotencyKey = 'job-once'): Promise<string> {
  const jobId = await create(world, count, idempotencyKey);
  await upload(world, jobId, count);
  await execute(world, jobId);
  return jobId;
}

/** Takes a step that its owner repeats after a crash; a repetition may find that it was taken: `done` is that answer. */
export function stepOnce<T>(world: World, take: () => Promise<T>, done: string): Promise<T | null> {
  return world.step((again) =>
    take().catch((error: unknown) => {
      if (again && codeOf(error) === done) return null;
      throw error;
    }),
  );
}

/** Takes a step that is refused; `orAgain` is what a repetition may be refused with as well. */
export async function refusedStep(world: World, take: () => Promise<unknown>, code: string, orAgain = code) {
  await world.step(async (again) => {
    const answer = await take().then(
      () => 'no refusal',
      (error: unknown) => codeOf(error),
    );
    if (answer === code || (again && answer === orAgain)) return;
    throw new Error(`was expected to be refused with ${code}: ${answer}`);
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof TRPCClientError)) return String(error);
  const { errorCode } = (error.data ?? {}) as { errorCode?: string };
  return errorCode ?? error.message;
}
