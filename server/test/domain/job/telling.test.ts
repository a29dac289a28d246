/** Positions in a job's log, as watchers name them, and what is told from there. */
import { describe, expect, test } from 'vitest';
import { watchEvent, watchInput } from '../../../src/contract/watch.ts';
import { verified } from '../../../src/domain/job/ending.ts';
import { RESULT_MISSING } from '../../../src/domain/job/look.ts';
import {
  isOver,
  keysIn,
  type LogRow,
  positionOf,
  readAfter,
  type Told,
  tell,
} from '../../../src/domain/job/telling.ts';
import { outputKey, previewKey } from '../../../src/domain/keys.ts';
import {
  after,
  canceled,
  done,
  doneResult,
  failed,
  failedResult,
  JOB,
  report,
  running,
  SETTINGS,
  seen,
  T0,
  taken,
  verifiedWith,
} from './states.ts';

describe('the position that an event id names', () => {
  test.for([
    [undefined, { row: 0, item: null }, 0],
    [null, { row: 0, item: null }, 0],
    ['0', { row: 0, item: null }, 0],
    ['7', { row: 7, item: null }, 7],
    ['7.0', { row: 7, item: 0 }, 6],
    ['7.199', { row: 7, item: 199 }, 6],
    ['8', { row: 8, item: null }, 8],
    ['9', { row: 8, item: null }, 8],
    ['9.3', { row: 8, item: null }, 8],
    ['999999999', { row: 8, item: null }, 8],
    ['end', { row: 8, item: null }, 8],
  ] as const)('%s, when the log has 8 rows', ([id, position, read]) => {
    expect(positionOf(id, 8)).toEqual(position);
    expect(readAfter(positionOf(id, 8))).toBe(read);
  });

  test.for(['', '-1', '1.', '.1', '1.1.1', '1e3', 'END', ' 1', '1234567890', 7, {}])('%j is none', (lastEventId) => {
    expect(watchInput.safeParse({ jobId: 'a', lastEventId }).success).toBe(false);
  });
});

describe('what a watcher is told', () => {
  const urls = (...keys: string[]) => new Map(keys.map((key) => [key, `https://storage.test/${key}`]));
  const first: Told = { at: { row: 0, item: null }, status: null };
  const key = (idx: number) => outputKey(JOB, idx);

  /** Photo 0 done with a preview, 1 failed, 2 done, 3 open: in two rows. */
  function atWork() {
    const one = taken(report(running(4), [doneResult(0, { preview_key: previewKey(JOB, 0) }), failedResult(1)]));
    const two = taken(report(one.job, [doneResult(2)]));
    const rows = [...one.events, ...two.events].map((event, at): LogRow => ({ row: at + 1, event }));
    return { job: two.job, rows };
  }

  test('begins with the job as a whole, then has every settled photo', () => {
    const { job, rows } = atWork();
    const { events, told } = tell(job, rows, first, urls(key(0), previewKey(JOB, 0), key(2)), SETTINGS, T0);
    expect(events).toEqual([
      {
        id: '0',
        event: { type: 'progress', status: 'running', done: 2, failed: 1, total: 4, etaMs: 1, waiting: false },
      },
      {
        id: '1.0',
        event: {
          type: 'item',
          idx: 0,
          status: 'done',
          resultUrl: `https://storage.test/${key(0)}`,
          previewUrl: `https://storage.test/${previewKey(JOB, 0)}`,
        },
      },
      { id: '1.1', event: { type: 'item', idx: 1, status: 'failed', error: 'too dark' } },
      { id: '2.0', event: { type: 'item', idx: 2, status: 'done', resultUrl: `https://storage.test/${key(2)}` } },
    ]);
    expect(told).toEqual({ at: { row: 2, item: null }, status: 'running' });
    for (const { event } of events) expect(watchEvent.safeParse(event).success).toBe(true);
  });

  test('goes on in the middle of a row, behind the photo that was told last', () => {
    const { job, rows } = atWork();
    const told: Told = { at: { row: 1, item: 0 }, status: 'running' };
    const ids = tell(job, rows, told, urls(), SETTINGS, T0).events.map(({ id }) => id);
    expect(ids).toEqual(['1.1', '2.0', '2']);
    const rest = tell(job, rows, { ...told, at: { row: 1, item: 1 } }, urls(), SETTINGS, T0);
    expect(rest.events.map(({ id }) => id)).toEqual(['2.0', '2']);
    expect(rest.told.at).toEqual({ row: 2, item: null });
  });

  test('is told nothing where nothing happened', () => {
    const { job, rows } = atWork();
    const told: Told = { at: { row: 2, item: null }, status: 'running' };
    expect(tell(job, rows, told, urls(), SETTINGS, T0)).toEqual({ events: [], told });
    expect(tell(job, [], told, urls(), SETTINGS, T0)).toEqual({ events: [], told });
  });

  test('is told of a new status although no photo was settled', () => {
    const told: Told = { at: { row: 0, item: null }, status: 'queued' };
    expect(tell(running(3), [], told, urls(), SETTINGS, T0)).toEqual({
      events: [
        {
          id: '0',
          event: { type: 'progress', status: 'running', done: 0, failed: 0, total: 3, etaMs: null, waiting: false },
        },
      ],
      told: { at: { row: 0, item: null }, status: 'running' },
    });
  });

  test('is told of photos without URLs when there are none to give', () => {
    const { job, rows } = atWork();
    const [, item] = tell(job, rows, first, urls(), SETTINGS, T0).events;
    expect(item).toEqual({ id: '1.0', event: { type: 'item', idx: 0, status: 'done' } });
  });

  test('is told why a photo failed even if the log says nothing of it', () => {
    const { job } = atWork();
    const rows: LogRow[] = [{ row: 1, event: { type: 'items', items: [{ idx: 1, status: 'failed' }] } }];
    const told: Told = { at: { row: 0, item: null }, status: 'running' };
    expect(tell(job, rows, told, urls(), SETTINGS, T0).events[0]?.event).toMatchObject({ error: 'failed' });
  });

  test.for([
    ['done', done(3), { done: 3, failed: 0, charged: 3, refunded: 0, error: null }],
    ['failed', failed(3), { done: 0, failed: 3, charged: 0, refunded: 3, error: 'no photo could be processed' }],
    ['canceled', canceled(running(3)), { done: 0, failed: 0, charged: 0, refunded: 3, error: null }],
  ] as const)('ends with %s, what it cost and until when results are kept', ([type, job, end]) => {
    const rows: LogRow[] = [{ row: 5, event: { type, items: [], error: null } }];
    const { events, told } = tell(job, rows, { at: { row: 4, item: null }, status: 'running' }, urls(), SETTINGS, T0);
    const keptUntil = new Date(T0 + SETTINGS.resultRetentionMs);
    expect(events).toEqual([{ id: 'end', event: { type, total: 3, keptUntil, ...end } }]);
    expect(told).toEqual({ at: { row: 5, item: null }, status: type });
    expect(watchEvent.safeParse(events[0]?.event).success).toBe(true);
  });

  test('is told of a photo whose result was missing, and that it failed, before the end', () => {
    const closing = taken(report(running(2), [doneResult(0), doneResult(1)]));
    const { job, events } = taken(verified(closing.job, seen(0b01n), T0, SETTINGS));
    const rows = [...closing.events, ...events].map((event, at): LogRow => ({ row: at + 1, event }));
    const { events: heard } = tell(job, rows, { at: { row: 1, item: null }, status: 'running' }, urls(), SETTINGS, T0);
    expect(heard.map(({ id }) => id)).toEqual(['2.0', 'end']);
    expect(heard[0]?.event).toEqual({ type: 'item', idx: 1, status: 'failed', error: RESULT_MISSING });
  });

  test('is not told of the end before the charge is known', () => {
    const part = after(report(running(2), [doneResult(0)]));
    const ended = canceled(part);
    expect(isOver(ended)).toBe(false);
    const told: Told = { at: { row: 1, item: null }, status: 'running' };
    expect(tell(ended, [], told, urls(), SETTINGS, T0).events).toEqual([
      {
        id: '1',
        event: { type: 'progress', status: 'canceled', done: 1, failed: 0, total: 2, etaMs: null, waiting: false },
      },
    ]);
    expect(isOver(verifiedWith(ended, [0]))).toBe(true);
    expect(isOver({ ...running(), charged: 0 })).toBe(false);
  });

  test('hears nothing of results that came after the end', () => {
    const rows: LogRow[] = [{ row: 9, event: { type: 'late', items: [{ idx: 0, status: 'done' }] } }];
    const told: Told = { at: { row: 8, item: null }, status: 'done' };
    expect(tell(done(), rows, told, urls(), SETTINGS, T0).events.map(({ id }) => id)).toEqual(['end']);
    expect(keysIn(done(), rows, T0, SETTINGS)).toEqual([]);
  });

  test('needs URLs of results and previews that exist, as long as results are kept', () => {
    const { job, rows } = atWork();
    const keys = [key(0), previewKey(JOB, 0), key(2)];
    expect(keysIn(job, rows, T0, SETTINGS)).toEqual(keys);
    expect(keysIn(job, rows.slice(1), T0, SETTINGS)).toEqual([key(2)]);
    const ended = verifiedWith(canceled(job), [0, 2]);
    const end = T0 + SETTINGS.resultRetentionMs;
    expect(keysIn(ended, rows, end - 1, SETTINGS)).toEqual(keys);
    expect(keysIn(ended, rows, end, SETTINGS)).toEqual([]);
  });
});
