/** Runs the planned jobs: so many at once, and of each user no more than the plan allows. */
import type { PlannedJob } from './plan.ts';

/** Jobs that a pro user may run at a time. */
const PER_USER = 3;

export async function runAll<T>(
  jobs: PlannedJob[],
  parallel: number,
  run: (job: PlannedJob) => Promise<T>,
): Promise<T[]> {
  const waiting = [...jobs];
  const active = new Map<number, number>();
  const outcomes: T[] = [];
  const wakers: (() => void)[] = [];
  const move = (user: number, by: number) => active.set(user, (active.get(user) ?? 0) + by);

  const lane = async () => {
    while (waiting.length > 0) {
      const at = waiting.findIndex(({ user }) => (active.get(user) ?? 0) < PER_USER);
      const [job] = at === -1 ? [] : waiting.splice(at, 1);
      if (job === undefined) {
        await new Promise<void>((resolve) => wakers.push(resolve));
        continue;
      }
      move(job.user, 1);
      try {
        outcomes.push(await run(job));
      } finally {
        move(job.user, -1);
        for (const wake of wakers.splice(0)) wake();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, lane));
  return outcomes;
}
