/** CPU time of a workerd process, from Linux's /proc: all of its threads, so local D1, R2 and queue count as well. */
import { readdirSync, readFileSync } from 'node:fs';

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
