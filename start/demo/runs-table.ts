/** What the provider front says of its runs, kept as it comes, and as a table: which worker had how many photos, and what came of them. */
import { columns, RULE } from '../table.ts';

/** As start/provider/front.ts logs it; times are milliseconds. */
type Said = {
  run: string;
  photos?: number;
  worker?: string;
  status?: string;
  delayMs?: number;
  delayTime?: number;
  executionTime?: number;
};
type Run = {
  photos: number;
  worker: string;
  queuedAt: number;
  delayMs: number | null;
  workMs: number | null;
  status: string;
};

const HEAD = ['run', 'photos', 'worker', 'sent', 'waited', 'worked', 'status'];
const WIDTHS = [4, 6, -10, 8, 8, 8, -11];

export class RunsLog {
  readonly #runs = new Map<string, Run>();
  readonly #now: () => number;

  /** @param now milliseconds since the start */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A line that a process of the stack has printed. */
  readonly take = (source: string, line: string): void => {
    if (source !== 'gpu' || !line.includes('"provider.run.')) return;
    const { event, ...said } = JSON.parse(line.slice(line.indexOf('{'))) as Said & { event: string };
    const run = this.#runs.get(said.run);
    if (event === 'provider.run.queued') {
      const queuedAt = this.#now();
      const nothing = { worker: '–', delayMs: null, workMs: null, status: 'IN_QUEUE' };
      this.#runs.set(said.run, { photos: said.photos ?? 0, queuedAt, ...nothing });
    } else if (run !== undefined) {
      run.worker = said.worker ?? '–';
      run.status = said.status ?? 'IN_PROGRESS';
      run.delayMs = said.delayTime ?? said.delayMs ?? null;
      run.workMs = said.executionTime ?? null;
    }
  };

  /** Empty without runs: a worker by itself has none. */
  table(): string {
    if (this.#runs.size === 0) return '';
    const seconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);
    const rows = [...this.#runs.values()].map(({ photos, worker, queuedAt, delayMs, workMs, status }, at) => [
      String(at + 1),
      String(photos),
      worker,
      seconds(queuedAt),
      seconds(delayMs),
      seconds(workMs),
      status,
    ]);
    return columns([HEAD, RULE, ...rows], WIDTHS, { margin: '  ' });
  }
}
