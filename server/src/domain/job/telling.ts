/** What a watcher is told of a job: events from the rows of its log, in their order, and where to go on after each. */
import { END_OF_EVENTS, type WatchEvent } from '../../contract/watch.ts';
import { has } from '../bitmap.ts';
import { outputKey, previewKey } from '../keys.ts';
import { keptUntil } from './ending.ts';
import { etaMs } from './pace.ts';
import { isWaiting } from './runs.ts';
import {
  type Decided,
  decided,
  hasEnded,
  type ItemResult,
  type JobEvent,
  type JobSettings,
  type JobState,
  progressOf,
} from './state.ts';

/** A row of the job's log under its number, which starts at 1. */
export type LogRow = { row: number; event: JobEvent };

/** Up to where a watcher was told: item number `item` of the row, or the whole row when it is null. */
export type Position = { row: number; item: number | null };

/** An event under its id (contract/watch.ts says what an id looks like). */
export type Tracked = { id: string; event: WatchEvent };

/**
 * One subscription: where it stands, and the status that it was told last; null before its first event. `waiting`: it was told that the
 * provider does not take the job now.
 */
export type Told = { at: Position; status: JobState['status'] | null; waiting?: boolean };

/** Whether there is nothing more to come: the job has ended and its charge is known. */
export const isOver = (job: JobState): boolean => hasEnded(job) && job.charged !== null;

/** Sessions issued before `epoch` were revoked. Kept, since one that was admitted a moment before may only now be on its way. */
export function endSessions(job: JobState, epoch: number): Decided<null> {
  return decided((job.sessionEpoch ?? 0) >= epoch ? job : { ...job, sessionEpoch: epoch }, null);
}

/** @param head the number of the log's last row: a position beyond it is none that we gave out */
export function positionOf(lastEventId: string | null | undefined, head: number): Position {
  if (lastEventId == null) return { row: 0, item: null };
  const [row, item] = lastEventId.split('.').map(Number);
  if (row === undefined || Number.isNaN(row) || row > head) return { row: head, item: null };
  return { row, item: item ?? null };
}

const idOf = ({ row, item }: Position): string => (item === null ? `${row}` : `${row}.${item}`);

/** The number of the last row that need not be read for someone at this position. */
export const readAfter = ({ row, item }: Position): number => (item === null ? row : row - 1);

/** The objects in R2 that events for these rows have URLs of. */
export function keysIn(job: JobState, rows: readonly LogRow[], now: number, settings: JobSettings): string[] {
  if (now >= (keptUntil(job, settings) ?? Number.POSITIVE_INFINITY)) return [];
  return rows.flatMap(({ event }) =>
    itemsOf(event).flatMap(({ idx }) => {
      if (!has(job.done, idx)) return [];
      return has(job.previews, idx) ? [outputKey(job, idx), previewKey(job, idx)] : [outputKey(job, idx)];
    }),
  );
}

/** What to tell next, and how the subscription stands after that. `urls` holds those of {@link keysIn}. */
export function tell(
  job: JobState,
  rows: readonly LogRow[],
  told: Told,
  urls: ReadonlyMap<string, string>,
  settings: JobSettings,
  now: number,
): { events: Tracked[]; told: Told } {
  const unread = rows.filter(({ row }) => row > readAfter(told.at));
  const items = unread.flatMap((row) => itemEvents(job, row, told.at, urls));
  const last = unread.at(-1);
  const at: Position = last === undefined ? told.at : { row: last.row, item: null };
  const events = [...items];
  const waiting = isWaiting(job);
  // First, the state as a whole: whoever resumes may have missed moves that have no row.
  if (told.status === null) events.unshift({ id: idOf(told.at), event: progressEvent(job, now) });
  else if (!isOver(job) && (items.length > 0 || told.status !== job.status || (told.waiting ?? false) !== waiting)) {
    events.push({ id: idOf(at), event: progressEvent(job, now) });
  }
  if (isOver(job)) events.push({ id: END_OF_EVENTS, event: endEvent(job, settings) });
  return { events, told: { at, status: job.status, ...(waiting ? { waiting } : {}) } };
}

const SETTLING: ReadonlySet<string> = new Set<JobEvent['type']>(['items', 'done', 'failed', 'canceled']);

/** The photos that the event settled. Late results change nothing; what a later release may have logged is not known here. */
export const itemsOf = ({ type, items }: JobEvent): ItemResult[] => (SETTLING.has(type) ? items : []);

function itemEvents(job: JobState, { row, event }: LogRow, at: Position, urls: ReadonlyMap<string, string>): Tracked[] {
  const from = at.row === row && at.item !== null ? at.item + 1 : 0;
  return itemsOf(event)
    .map((result, item) => ({ id: idOf({ row, item }), event: itemEvent(job, result, urls) }))
    .slice(from);
}

function itemEvent(job: JobState, { idx, status, error }: ItemResult, urls: ReadonlyMap<string, string>): WatchEvent {
  if (status === 'failed') return { type: 'item', idx, status, error: (error ?? 'failed').toWellFormed() };
  const resultUrl = urls.get(outputKey(job, idx));
  const previewUrl = urls.get(previewKey(job, idx));
  return {
    type: 'item',
    idx,
    status,
    ...(resultUrl === undefined ? {} : { resultUrl }),
    ...(previewUrl === undefined ? {} : { previewUrl }),
  };
}

function progressEvent(job: JobState, now: number): WatchEvent {
  const { done, failed, total } = progressOf(job);
  return { type: 'progress', status: job.status, done, failed, total, etaMs: etaMs(job, now), waiting: isWaiting(job) };
}

function endEvent(job: JobState, settings: JobSettings): WatchEvent {
  const { status, charged, error } = job;
  const kept = keptUntil(job, settings);
  if ((status !== 'done' && status !== 'failed' && status !== 'canceled') || charged === null || kept === null) {
    throw new Error(`a job that is ${status} is not over`);
  }
  const { done, failed, total } = progressOf(job);
  return {
    type: status,
    done,
    failed,
    total,
    charged,
    refunded: total - charged,
    keptUntil: new Date(kept),
    error,
  };
}
