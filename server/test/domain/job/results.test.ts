/** Results from the GPU worker: what is accepted, what changes nothing, and what refuses the whole body. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, indexesOf } from '../../../src/domain/bitmap.ts';
import { verified } from '../../../src/domain/job/ending.ts';
import { hear } from '../../../src/domain/job/leases.ts';
import { isClosing, type JobState } from '../../../src/domain/job/state.ts';
import {
  after,
  canceled,
  claimed,
  created,
  done,
  doneResult,
  failed,
  failedResult,
  MINUTE,
  planned,
  queued,
  refusalOf,
  report,
  running,
  runOf,
  SETTINGS,
  seen,
  T0,
  taken,
  uploaded,
} from './states.ts';

const outcomes = (job: Parameters<typeof report>[0], results: Parameters<typeof report>[1], now = T0) =>
  taken(report(job, results, now)).reply.map(({ idx, outcome }) => `${idx} ${outcome}`);

describe('a photo is settled once', () => {
  test('the same result again is a duplicate that changes nothing and logs nothing', () => {
    const once = after(report(running(2), [doneResult(0)]));
    const again = taken(report(once, [doneResult(0)], T0 + MINUTE));
    expect(again.reply).toEqual([{ idx: 0, outcome: 'duplicate' }]);
    expect(again.job).toBe(once);
    expect(again.events).toEqual([]);
  });

  test('the first terminal result stands, whatever keys a second one comes under', () => {
    const first = after(report(running(2), [failedResult(0, { idempotency_key: 'j1:1:0' })]));
    const second = taken(report(first, [doneResult(0, { idempotency_key: 'other-key' })]));
    expect(second.reply).toEqual([{ idx: 0, outcome: 'duplicate' }]);
    expect(indexesOf(second.job.failed)).toEqual([0]);
    expect(second.job.done).toBe(0n);
  });

  test('one body may name a photo twice: the first counts', () => {
    expect(outcomes(running(2), [doneResult(1), failedResult(1)])).toEqual(['1 accepted', '1 duplicate']);
  });

  test('in any order and split into any bodies, with any repeats, each photo is accepted exactly once', () => {
    const bodies = fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(bodies, (split) => {
        let job = running(5);
        const accepted: number[] = [];
        for (const body of split) {
          const decision = taken(
            report(
              job,
              body.map((idx) => doneResult(idx)),
            ),
          );
          accepted.push(...decision.reply.flatMap(({ idx, outcome }) => (outcome === 'accepted' ? [idx] : [])));
          job = decision.job;
        }
        const named = [...new Set(split.flat())].toSorted();
        expect(accepted.toSorted()).toEqual(named);
        expect(indexesOf(job.done)).toEqual(named);
        expect(isClosing(job)).toBe(named.length === 5);
      }),
    );
  });

  test('results that overtake their message leave nothing to send, once none is open', () => {
    const part = after(report(queued(2), [doneResult(0)]));
    expect(part.effects.send).toBeDefined();
    expect(planned(report(part, [doneResult(1)])).effects.send).toBeUndefined();
  });

  test('a failed photo carries the reason of the GPU worker into the log, or plain words when it gave none', () => {
    const { events } = taken(report(running(3), [failedResult(0), failedResult(1, { error: '  ' }), failedResult(2)]));
    expect(events[0]?.items.map(({ error }) => error)).toEqual([
      'too dark',
      'the GPU worker gave no reason',
      'too dark',
    ]);
  });

  test('a result that comes before the provider answered shows the job as running', () => {
    expect(after(report(claimed(2), [doneResult(0)])).status).toBe('running');
    expect(after(report(queued(2), [doneResult(0)])).status).toBe('running');
  });

  test('only a done photo whose preview was reported has a preview', () => {
    const preview = (idx: number) => ({ preview_key: `previews/u1/j1/${idx}_thumb.jpg` });
    const job = after(report(running(3), [doneResult(0, preview(0)), doneResult(1), failedResult(2, preview(2))]));
    expect(indexesOf(job.previews)).toEqual([0]);
  });
});

describe('a late callback', () => {
  test('after the end changes nothing, and is noted without its words', () => {
    const job = canceled(after(report(running(3), [doneResult(0)])));
    const late = taken(report(job, [failedResult(0), doneResult(1), failedResult(2)]));
    expect(late.reply.map(({ outcome }) => outcome)).toEqual(['duplicate', 'ignored', 'ignored']);
    expect(late.job).toBe(job);
    expect(late.events).toEqual([
      {
        type: 'late',
        items: [
          { idx: 1, status: 'done' },
          { idx: 2, status: 'failed' },
        ],
      },
    ]);
  });

  test.each([
    ['done', done(2)],
    ['failed', failed(2)],
  ])('to a %s job is a duplicate, as every photo was settled before', (_, job) => {
    const late = taken(report(job, [doneResult(0), failedResult(1)]));
    expect(late.reply.map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate']);
    expect(late.job).toBe(job);
    expect(late.events).toEqual([]);
  });

  test.each([
    ['created', created(2)],
    ['uploaded', uploaded(2)],
  ])('and one that comes while the job is only %s is ignored', (_, job) => {
    const early = taken(report(job, [doneResult(0)]));
    expect(early.reply).toEqual([{ idx: 0, outcome: 'ignored' }]);
    expect(early.job).toBe(job);
    expect(early.events).toEqual([]);
  });
});

describe('the lease', () => {
  const leaseOf = (job: JobState) => runOf(job).leaseUntil;
  const soon = T0 + 5 * MINUTE;

  test('an accepted photo with the number of its run renews it for its full length', () => {
    expect(leaseOf(after(report(running(3), [doneResult(0)], soon)))).toBe(soon + SETTINGS.leaseMs);
  });

  test('it never goes beyond the life of the signed URLs', () => {
    const job = running(2);
    const { urlsUntil } = runOf(job);
    expect(leaseOf(after(report(job, [doneResult(0)], urlsUntil - MINUTE)))).toBe(urlsUntil);
  });

  test.each([
    ['a duplicate', [doneResult(0)]],
    ['a result without an attempt', [doneResult(1, { attempt: null })]],
    ['a result of no run that was made', [doneResult(1, { attempt: 9 })]],
  ])('%s does not renew it', (_, results) => {
    const job = after(report(running(3), [doneResult(0)]));
    expect(leaseOf(after(report(job, results, soon)))).toBe(leaseOf(job));
  });

  test('a result of a run that died settles its photo and leaves the new run alone', () => {
    const first = running(3);
    const second = planned(hear(first, 1, { status: 'failed' }, T0, SETTINGS));
    const late = taken(report(second, [doneResult(0, { attempt: 1 })], T0 + MINUTE));
    expect(late.reply).toEqual([{ idx: 0, outcome: 'accepted' }]);
    expect(late.job.runs).toEqual(second.runs);
    expect(late.job.effects).toEqual(second.effects);
  });
});

describe('a body is taken as a whole or refused as a whole', () => {
  const job = running(3);
  const foreign: [string, ReturnType<typeof doneResult>, string][] = [
    ['an index that the job does not have', doneResult(3), 'idx'],
    ['a result key of another job', doneResult(1, { output_key: 'outputs/u1/j2/1_result.png' }), 'output_key'],
    ['a result key of another user', doneResult(1, { output_key: 'outputs/u2/j1/1_result.png' }), 'output_key'],
    ['a result key of another photo', doneResult(1, { output_key: 'outputs/u1/j1/0_result.png' }), 'output_key'],
    ['a result key that is no key', failedResult(1, { output_key: '' }), 'output_key'],
    ['a preview key of another job', doneResult(1, { preview_key: 'previews/u1/j2/1_thumb.jpg' }), 'preview_key'],
    ['a preview key of another photo', doneResult(1, { preview_key: 'previews/u1/j1/0_thumb.jpg' }), 'preview_key'],
    ['an input key as the preview', doneResult(1, { preview_key: 'inputs/u1/j1/1.jpg' }), 'preview_key'],
  ];

  test.each(foreign)('%s alone is refused by the name of its field', (_, result, field) => {
    expect(refusalOf(report(job, [result]))).toMatchObject({ code: 'VALIDATION_ERROR', details: { field } });
  });

  test.each(foreign)('%s among good ones refuses all of them and says which', (_, result, field) => {
    const refusal = refusalOf(report(job, [doneResult(0), doneResult(2), result]));
    expect(refusal).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: `items[2].${field}` } });
  });

  test('foreign keys are refused even when the result would change nothing', () => {
    const ended = canceled(job);
    expect(refusalOf(report(ended, [doneResult(1, { output_key: 'outputs/u1/j2/1_result.png' })])).code).toBe(
      'VALIDATION_ERROR',
    );
  });

  test("the job's own keys are taken", () => {
    const own = { output_key: 'outputs/u1/j1/1_result.png', preview_key: 'previews/u1/j1/1_thumb.jpg' };
    expect(outcomes(job, [doneResult(1, own)])).toEqual(['1 accepted']);
  });
});

describe('the look into R2 that follows the last result', () => {
  const closing = after(report(running(3), [doneResult(0), doneResult(1), failedResult(2)]));

  test('charges the done photos whose result is there, and ends the job as done', () => {
    const { job, events } = taken(verified(closing, seen(closing.done), T0, SETTINGS));
    expect(job).toMatchObject({ status: 'done', charged: 2, endedAt: T0, error: null });
    expect(events).toEqual([{ type: 'done', items: [], error: null }]);
  });

  test('fails a done photo whose result is missing, tells why, and does not charge it', () => {
    const { job, events } = taken(verified(closing, seen(0b10n), T0, SETTINGS));
    expect(job).toMatchObject({ status: 'done', charged: 1 });
    expect(indexesOf(job.failed)).toEqual([0, 2]);
    expect(events[0]?.items).toEqual([{ idx: 0, status: 'failed', error: 'the result is not in storage' }]);
  });

  test('tells why what lies under a key is no result', () => {
    const look = { ...seen(0b10n), reasons: new Map([[0, 'the result in storage is empty']]) };
    const { events } = taken(verified(closing, look, T0, SETTINGS));
    expect(events[0]?.items).toEqual([{ idx: 0, status: 'failed', error: 'the result in storage is empty' }]);
  });

  test('shows the previews that lie there of photos that are done, and no others, whatever was reported', () => {
    const named = after(
      report(running(3), [
        doneResult(0, { preview_key: 'previews/u1/j1/0_thumb.jpg' }),
        doneResult(1),
        failedResult(2),
      ]),
    );
    expect(indexesOf(named.previews)).toEqual([0]);
    expect(indexesOf(after(verified(named, seen(0b11n, 0b110n), T0, SETTINGS)).previews)).toEqual([1]);
  });

  test('ends the job as failed, charged nothing, when no result is there', () => {
    expect(after(verified(closing, seen(0n), T0, SETTINGS))).toMatchObject({ status: 'failed', charged: 0 });
  });

  test('does not count what lies in R2 for a photo that failed', () => {
    const job = after(verified(closing, seen(0b111n), T0, SETTINGS));
    expect([job.charged, count(job.done)]).toEqual([2, 2]);
  });

  test('counts once: a second look changes nothing, whatever it finds', () => {
    const once = after(verified(closing, seen(closing.done), T0, SETTINGS));
    expect(after(verified(once, seen(0n), T0 + MINUTE, SETTINGS))).toBe(once);
  });

  test('does nothing to a job that still waits for photos', () => {
    const open = after(report(running(3), [doneResult(0)]));
    expect(after(verified(open, seen(0n), T0, SETTINGS))).toBe(open);
  });
});
