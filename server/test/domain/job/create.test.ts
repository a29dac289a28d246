/** How jobs come to be: from uploads, from another job's photos, and again under the same key. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { create, fromOf, lend, lendAt, loanOf, madeFrom } from '../../../src/domain/job/create.ts';
import { execute } from '../../../src/domain/job/execute.ts';
import { queueMessageOf } from '../../../src/domain/job/message.ts';
import { giveBack, giveUpInputs, remove } from '../../../src/domain/job/removal.ts';
import { inputIndex, inputOwner, type JobState } from '../../../src/domain/job/state.ts';
import {
  after,
  canceled,
  createCommand,
  created,
  done,
  executeCommand,
  failed,
  MINUTE,
  photos,
  planned,
  queued,
  refusalOf,
  running,
  runOf,
  SETTINGS,
  T0,
  taken,
  uploaded,
} from './states.ts';

/** The job that the create saga makes from `lender`. */
function jobFrom(lender: JobState, indexes: number[] | undefined, jobId: string): JobState {
  const loan = loanOf(lender, indexes);
  if (!loan.ok) throw new Error(loan.refusal.message);
  return after(create(null, { ...createCommand(0), ...loan.value, jobId }, T0, SETTINGS));
}

describe('create', () => {
  test('with photos waits an hour for their uploads', () => {
    const job = created(3);
    expect(job).toMatchObject({
      status: 'created',
      deadline: T0 + 60 * MINUTE,
      attempt: 0,
      charged: null,
      effects: {},
    });
    expect(job.photos).toEqual(photos(3));
  });

  test('again with the same photos is the same job, whose uploads may be signed anew and are waited for from then on', () => {
    const now = T0 + 5 * MINUTE;
    const again = after(create(created(), createCommand(2), now, SETTINGS));
    const renewed = { putsExpireAt: now + SETTINGS.uploadUrlMs, deadline: now + SETTINGS.createdMs };
    expect(again).toEqual({ ...created(), ...renewed });
  });

  test.each([
    ['uploaded', uploaded()],
    ['running', running()],
    ['done', done()],
    ['canceled', canceled(created())],
  ])('again when the job is %s changes nothing', (_, job) => {
    expect(after(create(job, createCommand(2), T0 + MINUTE, SETTINGS))).toBe(job);
  });

  test.each([
    ['another number of photos', createCommand(3)],
    ['another preset', createCommand(2, { preset: 'seller' })],
    ['photos of other sizes', createCommand(2, { photos: [...photos(1), { contentType: 'image/jpeg', bytes: 7 }] })],
    [
      'photos of another type',
      createCommand(2, { photos: photos(2).map((p) => ({ ...p, contentType: 'image/png' })) }),
    ],
    ['photos of another job', createCommand(2, { source: { jobId: 'j0', indexes: [0, 1] } })],
  ])('again under the same key with %s is IDEMPOTENCY_CONFLICT', (_, command) => {
    for (const job of [created(2), done(2)]) {
      expect(refusalOf(create(job, command, T0, SETTINGS))).toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        details: { field: 'idempotencyKey' },
      });
    }
  });
});

describe('a job from another job', () => {
  test('has nothing to upload: it can be executed at once, within a day', () => {
    const job = jobFrom(done(3), undefined, 'j2');
    expect(job).toMatchObject({ status: 'uploaded', deadline: T0 + SETTINGS.uploadedMs, attempt: 0 });
    expect(job.photos).toEqual(photos(3));
    expect(after(execute(job, executeCommand(), T0, SETTINGS)).status).toBe('queued');
  });

  test('works on the photos that were named, in their order, and each once', () => {
    const job = jobFrom(done(4), [3, 1, 3], 'j2');
    expect(job.photos).toEqual([photos(4)[3], photos(4)[1]]);
    expect(job.source).toEqual({ jobId: 'j1', indexes: [3, 1] });
  });

  test('reads the inputs where they were uploaded and writes results under its own id', () => {
    const job = planned(execute(jobFrom(done(4), [3, 1], 'j2'), executeCommand(), T0, SETTINGS));
    expect(queueMessageOf(job, runOf(job), 4).items).toEqual([
      {
        idx: 0,
        input_key: 'inputs/u1/j1/3.jpg',
        output_key: 'outputs/u1/j2/0_result.png',
        preview_key: 'previews/u1/j2/0_thumb.jpg',
      },
      {
        idx: 1,
        input_key: 'inputs/u1/j1/1.jpg',
        output_key: 'outputs/u1/j2/1_result.png',
        preview_key: 'previews/u1/j2/1_thumb.jpg',
      },
    ]);
  });

  test('made from such a job in turn, however often, still reads the photos that were uploaded first', () => {
    const choices = fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(choices, (chain) => {
        let job = done(6);
        let originals = [0, 1, 2, 3, 4, 5];
        for (const [generation, choice] of chain.entries()) {
          const indexes = [...new Set(choice.map((idx) => idx % originals.length))];
          originals = indexes.map((idx) => originals[idx] ?? -1);
          job = jobFrom(job, indexes, `g${generation}`);
        }
        expect(inputOwner(job)).toEqual({ userId: 'u1', jobId: 'j1' });
        expect(originals.map((_, idx) => inputIndex(job, idx))).toEqual(originals);
        expect(job.photos).toEqual(originals.map((idx) => photos(6)[idx]));
      }),
    );
  });

  test('may be made from any job whose photos are all there, live or ended', () => {
    for (const job of [uploaded(), queued(), running(), done(), failed(), canceled(running())]) {
      expect(loanOf(job, undefined)).toMatchObject({ ok: true, value: { preset: 'interior', photos: photos(2) } });
    }
  });

  test.each([
    ['still waits for uploads', created()],
    ['ended while it waited for them', canceled(created())],
  ])('is refused when that job %s', (_, job) => {
    expect(refusalOf(loanOf(job, undefined))).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status: job.status },
    });
  });

  // Regression: of repeated indexes the wrong one was named.
  test('names the index that the other job does not have', () => {
    expect(refusalOf(loanOf(done(2), [0, 0, 2]))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field: 'from.indexes[2]' },
    });
  });
});

describe('lending inputs', () => {
  test('is noted once for each job made from them', () => {
    const once = after(lend(done(), 'j2'));
    expect(once.dependents).toEqual(['j2']);
    expect(after(lend(once, 'j2'))).toBe(once);
    expect(after(lend(once, 'j3')).dependents).toEqual(['j2', 'j3']);
  });

  test.each([
    ['deleted with their job', after(remove(done(), T0))],
    ['given up', after(giveUpInputs(done(), new Map(), T0))],
  ])('is refused when they were %s', (_, job) => {
    expect(refusalOf(lend(job, 'j2'))).toMatchObject({ code: 'INVALID_TRANSITION', details: { status: 'done' } });
  });

  test('that was promised before the inputs went is answered the same again', () => {
    const promised = after(lend(done(), 'j2'));
    const gone = { ...promised, inputsGone: true };
    expect(taken(lend(gone, 'j2')).job).toBe(gone);
  });

  test('ends when the photos have been there for as long as the setting says, but for jobs that have them already', () => {
    const last = T0 + SETTINGS.lendMs;
    const lent = after(lendAt(done(), 'j2', last, SETTINGS));
    expect(lent.dependents).toEqual(['j2']);
    expect(refusalOf(lendAt(lent, 'j3', last + 1, SETTINGS))).toMatchObject({
      code: 'INVALID_TRANSITION',
      message: expect.stringContaining('upload them again'),
    });
    expect(after(lendAt(lent, 'j2', last + 1, SETTINGS))).toBe(lent);
  });

  test('ends at a hundred jobs at a time, so that the row stays small', () => {
    let job = done();
    for (let n = 0; n < 100; n++) job = after(lend(job, `dependent-${n}`));
    expect(refusalOf(lend(job, 'one-more')).code).toBe('INVALID_TRANSITION');
    expect(after(lend(job, 'dependent-0'))).toBe(job);
    expect(after(lend(giveBack(job, 'dependent-7').job, 'one-more')).dependents).toHaveLength(100);
  });
});

describe('a repeated create is known by what it names', () => {
  const knows = (job: JobState, jobId: string, indexes?: number[]) => madeFrom(job, fromOf({ jobId, indexes }));

  test('all photos, named or not, and the same photo twice are the same', () => {
    const all = jobFrom(done(3), undefined, 'j2');
    expect([knows(all, 'j1'), knows(all, 'j1', [0, 1, 2]), knows(all, 'j1', [0, 1, 1, 2])]).toEqual([true, true, true]);
    expect([knows(all, 'j1', [0, 1]), knows(all, 'j1', [2, 1, 0]), knows(all, 'j9')]).toEqual([false, false, false]);
    const some = jobFrom(done(3), [0, 2, 0], 'j2');
    expect([knows(some, 'j1', [0, 2]), knows(some, 'j1', [0, 2, 2])]).toEqual([true, true]);
    expect([knows(some, 'j1'), knows(some, 'j1', [2, 0])]).toEqual([false, false]);
  });

  test('a job that was made from one made from another is known by the one that was named', () => {
    const second = jobFrom(jobFrom(done(3), [2, 1], 'j2'), [1], 'j3');
    expect(second.source).toEqual({ jobId: 'j1', indexes: [1] });
    expect([knows(second, 'j2', [1]), knows(second, 'j1', [1])]).toEqual([true, false]);
  });

  test('one of an earlier release is known by what it tells, and one with photos of its own never is', () => {
    const { from: _, ...older } = jobFrom(done(3), [2], 'j2');
    expect([knows(older, 'j1', [2]), knows(older, 'j1', [1]), knows(older, 'j1')]).toEqual([true, false, true]);
    expect(knows(done(3), 'j1')).toBe(false);
  });
});
