/** A job as a whole, put together on its ports: the object runs it on the platform, and it runs on memory as well. */
import { CleanUp } from './clean-up.ts';
import { DueWork } from './due-work.ts';
import { Effects } from './effects.ts';
import { GpuCalls } from './gpu-calls.ts';
import { InsideCalls } from './inside-calls.ts';
import { handlersOf } from './outbound.ts';
import { OwnerCalls } from './owner-calls.ts';
import type { JobPorts } from './ports.ts';
import { Replays } from './replays.ts';
import { JobShell } from './shell.ts';
import { Watchers } from './watchers.ts';

export class JobCoordinator {
  readonly owner: OwnerCalls;
  readonly gpu: GpuCalls;
  readonly inside: InsideCalls;
  readonly watchers: Watchers;
  readonly due: DueWork;
  readonly #shell: JobShell;

  constructor(ports: JobPorts) {
    const { store, outside } = ports;
    const shell = new JobShell({ ...ports, audience: () => this.watchers });
    const own = {
      apply: shell.apply.bind(shell),
      job: shell.job.bind(shell),
      errors: () => store.errors(),
      head: () => store.head(),
      eventsAfter: (row: number) => store.eventsAfter(row),
      download: outside.photos.download,
    };
    this.#shell = shell;
    this.watchers = new Watchers({ ...ports, ...own, shell });
    const cleanUp = new CleanUp({ ...ports, shell, tell: () => this.watchers.tell() });
    const handlers = handlersOf({ ...ports, ...own, gpu: () => this.gpu }, (job) => cleanUp.run(job));
    const effects = new Effects({ ...ports, ...own }, handlers);
    const inner = { ...ports, shell, effects };
    this.owner = new OwnerCalls(inner);
    this.gpu = new GpuCalls({ ...inner, replays: new Replays(store, () => ports.limits().signatureMs) });
    this.inside = new InsideCalls({ ...inner, watchers: this.watchers });
    this.due = new DueWork(inner);
  }

  /** When anything here is due, what is overdue included; milliseconds since the Unix epoch. */
  dueTimes(): number[] {
    return this.#shell.dueTimes();
  }
}
