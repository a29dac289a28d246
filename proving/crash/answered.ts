/** What the GPU worker makes of an answer. */
import type { Answer } from '../world/workerd/jobs.ts';

/** A callback's answer; an error of the server is none, and makes the GPU worker report again. */
export async function answered(answer: Promise<Answer>): Promise<void> {
  const { status } = await answer;
  if (status !== 200) throw new Error(`the callback was answered ${status}`);
}
