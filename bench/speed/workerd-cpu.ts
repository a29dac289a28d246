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

/** Waits until what earlier requests left behind (alarms, writes to D1) is done: it would count for the next ones. */
export async function quiet(pid: number): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const before = cpuMs(pid);
    await sleep(LOOK_MS);
    if (cpuMs(pid) - before < QUIET_MS) return;
  }
}
