/** What jobs need of their client, and what one is begun with. */

import type { Clock } from '../clock.ts';
import type { CreateInput, PresetId } from '../generated/types.ts';
import type { SocketConstructor } from '../live/watch.ts';
import type { Call } from '../transport.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { PhotoFile } from '../upload/photo-file.ts';
import type { Put } from '../upload/put.ts';
import type { Presence } from './presence.ts';
import type { SavedJobs } from './saved.ts';
import type { KnownPhoto } from './store.ts';
import type { Change } from './types.ts';

export interface JobDeps {
  baseUrl: string;
  call: Call;
  put: Put;
  clock: Clock;
  saved: SavedJobs;
  presence: Presence;
  WebSocket: SocketConstructor | null | undefined;
  /** Jobs that are being canceled: they would still hold the plan's slot. */
  undoing: Set<Promise<void>>;
  /** Cancels that were asked for and have no answer yet. */
  canceling: Set<Promise<void>>;
}

/** As they were given, copied. */
export type Photos = readonly PhotoFile[] | Promise<readonly PhotoFile[]>;
/** Photos that the server does not have yet. */
export type Files = { preset: PresetId; files: Photos; onInvalid: 'throw' | 'skip' | undefined };
/** Photos of an earlier job: all, or those at `indexes`; and what this client knows of them. */
export type From = {
  from: { jobId: string; indexes?: number[] | undefined };
  photos: readonly KnownPhoto[];
};
/** A job that is there already. */
export type There = { jobId: string; files: Photos | undefined };

export interface Plan {
  source: Files | From | There;
  /** What to do with the photos; null where only a stored job knows. */
  change: Change | null;
  maxCredits?: number | undefined;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What `jobs.create` is asked for. */
export function inputOf(source: Files | From, photos: readonly PreparedPhoto[], idempotencyKey: string): CreateInput {
  return 'files' in source
    ? {
        preset: source.preset,
        photos: photos.map(({ contentType, bytes }) => ({ contentType, bytes })),
        idempotencyKey,
      }
    : { from: source.from, idempotencyKey };
}
