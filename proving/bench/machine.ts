/** What a machine is told apart by, in documents that say where a figure was seen: nothing that names it. */
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Machines that look alike count as one: it is better to have seen too few. */
export function thisMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${process.platform} ${process.arch}, ${model}, ${availableParallelism()} cores, ${memory} GB`;
}

/** The last of each machine, the newest first. */
export type Seen<T> = { machine: string; day: string; figures: T };

export const seenWith = <T>(before: readonly Seen<T>[], now: Seen<T>): Seen<T>[] => [
  now,
  ...before.filter(({ machine }) => machine !== now.machine),
];
