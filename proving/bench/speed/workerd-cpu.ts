/** CPU time of a workerd process, from Linux's /proc: all of its threads, so local D1, R2 and queue count as well. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Process ids of the workerds that this process started, oldest first. */
export function workerdPids(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = pids.filter((pid) => {
    try {
      const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return name === 'workerd' && Number(parent) === process.pid;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  return own.map(Number).sort((a, b) => a - b);
}

/** CPU milliseconds that the process has used so far. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

const LOOK_MS = 250;
const MOST_LOOKS = 120;
/** CPU milliseconds of a look in which nothing of ours was done. */
const QUIET_MS = 3;

/** Silence to wait for, in milliseconds: what was begun has ended. */
export const PAUSE_MS = 250;
/** Users' objects have told D1 of what changed as well (PROJECTION_DELAY_MS). */
export const TOLD_MS = 2_250;
/** Objects that nobody asked anything have been thrown out of memory as well, which workerd does after ten seconds. */
export const EVICTED_MS = 10_500;

/** Waits until nothing has been done for `ms`: what earlier requests left behind would count for the next ones. */
export async function quiet(pid: number, ms: number): Promise<void> {
  let silent = 0;
  for (let look = 0; look < MOST_LOOKS && silent < ms; look++) {
    const before = cpuMs(pid);
    await sleep(LOOK_MS);
    silent = cpuMs(pid) - before < QUIET_MS ? silent + LOOK_MS : 0;
  }
  if (silent < ms) console.warn('       workerd does not come to rest: what it is busy with is in the next figures');
}
