/**
 * Ends what a stack started when the process that started it is gone, however it went, SIGKILL included: it waits for the end of its
 * standard input, which that process holds. A program of its own (see children.ts), told one line at a time:
 * `+ PID` and `- PID` for process groups, `rm PATH` for temporary folders.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { signalGroup } from './process-group.ts';

const groups = new Set<number>();
const folders = new Set<string>();

// It must outlive the terminal that its owner dies with.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const space = line.indexOf(' ');
  const [verb, value] = [line.slice(0, space), line.slice(space + 1)];
  if (verb === '+') groups.add(Number(value));
  else if (verb === '-') groups.delete(Number(value));
  else if (verb === 'rm') folders.add(value);
}

for (const pid of groups) signalGroup(pid, 'SIGKILL');
// Again after a moment: what was dying may still have written.
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
