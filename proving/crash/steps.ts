/** Steps whose repetition after a crash is answered otherwise than the first. */
import { TRPCClientError } from '@trpc/client';
import type { World } from './world.ts';

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
