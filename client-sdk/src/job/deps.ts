/** What jobs need of their client, and what one is begun with. */
import type { Clock } from '../clock.ts';
import type { PresetId } from '../concepts.ts';
import type { SocketConstructor } from '../live/watch.ts';
import type { Call } from '../transport.ts';
import type { PhotoFiles } from '../upload/photo-file.ts';
import type { Put } from '../upload/put.ts';
import type { SavedJobs } from './saved.ts';
import type { Change } from './types.ts';

export interface JobDeps {
  baseUrl: string;
  call: Call;
  put: Put;
  clock: Clock;
  saved: SavedJobs;
  WebSocket: SocketConstructor | undefined;
  /** Jobs that are being canceled: they would still hold the plan's slot. */
  undoing: Set<Promise<void>>;
}

/** Photos that the server does not have yet. */
export type Files = { preset: PresetId; files: PhotoFiles; onInvalid: 'throw' | 'skip' | undefined };
/** Photos of an earlier job: all, or those at `indexes`; their names and positions as far as this client knows them. */
export type From = {
  from: { jobId: string; indexes?: number[] | undefined };
  names: readonly string[];
  fileIndexes: readonly (number | null)[];
};
/** A job that is there already. */
export type There = { jobId: string; files: PhotoFiles | undefined };

export interface Plan {
  source: Files | From | There;
  /** What to do with the photos; null where only a stored job knows. */
  change: Change | null;
  maxCredits?: number | undefined;
  signal?: AbortSignal | undefined;
}
