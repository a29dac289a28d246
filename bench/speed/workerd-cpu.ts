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
const MOST_LOOKS = 80;
/** CPU milliseconds of a look in which nothing of ours was done. */
const QUIET_MS = 3;
/** Longer than a user's object waits before it tells D1 of a change (PROJECTION_DELAY_MS). */
const PUT_OFF_MS = 2_250;

/**
 * Waits until what earlier requests left behind is done, and nothing has been done for `ms`: it would count for the next ones.
 * @param ms of silence: what changed users needs the default, since their objects tell D1 later
 */
export async function quiet(pid: number, ms = PUT_OFF_MS): Promise<void> {
  for (let look = 0, silent = 0; look < MOST_LOOKS && silent < ms; look++) {
    const before = cpuMs(pid);
    await sleep(LOOK_MS);
    silent = cpuMs(pid) - before < QUIET_MS ? silent + LOOK_MS : 0;
  }
}
