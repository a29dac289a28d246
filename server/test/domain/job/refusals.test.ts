/** What a caller reads when a command is refused: the field, the limit, and what to do about it. */
import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../../src/contract/errors.ts';
import { create, lend, loanOf } from '../../../src/domain/job/create.ts';
import { cancel } from '../../../src/domain/job/ending.ts';
import { execute } from '../../../src/domain/job/execute.ts';
import { remove } from '../../../src/domain/job/removal.ts';
import { confirmUpload, renewUploads } from '../../../src/domain/job/uploads.ts';
import {
  canceled,
  createCommand,
  created,
  done,
  doneResult,
  executeCommand,
  queued,
  refusalOf,
  report,
  running,
  SETTINGS,
  T0,
  uploaded,
} from './states.ts';

type Refusable = { ok: true } | { ok: false; refusal: Refusal };

const other = created(3);
const lentOut = { ...done(), dependents: Array.from({ length: 100 }, (_, n) => `job-${n}`) };
const executed = (choice = executeCommand().choice) =>
  execute(uploaded(), executeCommand({ idempotencyKey: 'k', choice }), T0, SETTINGS);

function executedWithKey() {
  const decision = executed();
  if (!decision.ok) throw new Error('could not be executed');
  return decision.job;
}

describe('the words of a refusal', () => {
  test.for<[string, Refusable, string, unknown]>([
    [
      'another job under the same key',
      create(other, createCommand(2), T0, SETTINGS),
      'idempotencyKey: was used for another job',
      { field: 'idempotencyKey' },
    ],
    [
      'photos of a job that waits for them',
      loanOf(created(), undefined),
      'from.jobId: the photos of a job that is created were not all uploaded',
      { status: 'created', action: 'make a job from it' },
    ],
    [
      'photos of a job that was canceled before its uploads were confirmed',
      loanOf(canceled(created()), undefined),
      'from.jobId: the photos of a job that is canceled were not all uploaded',
      { status: 'canceled', action: 'make a job from it' },
    ],
    [
      'a photo that the other job does not have',
      loanOf(done(2), [0, 2]),
      'from.indexes[1]: the job has photos 0 to 1',
      { field: 'from.indexes[1]', issues: [{ field: 'from.indexes[1]', message: 'the job has photos 0 to 1' }] },
    ],
    [
      'photos that were deleted',
      lend({ ...done(), inputsGone: true }, 'j2'),
      'from.jobId: the photos of that job were deleted',
      { status: 'done', action: 'make a job from it' },
    ],
    [
      'one borrower too many',
      lend(lentOut, 'j2'),
      'from.jobId: 100 jobs were made from these photos, which is the most',
      { status: 'done', action: 'make a job from it' },
    ],
    [
      'cancel of a job that is over',
      cancel(done(), null, T0, SETTINGS),
      'the job is done already',
      { status: 'done', action: 'cancel' },
    ],
    ['a second cancel', cancel(canceled(running()), null, T0, SETTINGS), 'the job was canceled before', null],
    [
      "a rule for another preset than the job's",
      execute(uploaded(), executeCommand({ rule: { id: 'r1', preset: 'seller' } }), T0, SETTINGS),
      "ruleId: is a rule for seller, and the job's preset is interior",
      { field: 'ruleId' },
    ],
    [
      'another choice under the same key',
      execute(
        executedWithKey(),
        executeCommand({ idempotencyKey: 'k', choice: { concepts: { Wall: { action: 'remove' } } } }),
        T0,
        SETTINGS,
      ),
      'idempotencyKey: was used with another choice',
      { field: 'idempotencyKey' },
    ],
    [
      'execute before the uploads are confirmed',
      execute(created(), executeCommand(), T0, SETTINGS),
      'the job is created: confirm the uploads first',
      { status: 'created', action: 'execute' },
    ],
    [
      'execute of a job that was executed',
      execute(queued(), executeCommand(), T0, SETTINGS),
      'the job is queued already',
      { status: 'queued', action: 'execute' },
    ],
    [
      'execute of a job that was canceled',
      execute(canceled(uploaded()), executeCommand(), T0, SETTINGS),
      'the job was canceled',
      null,
    ],
    ['removal of a job at work', remove(running(), T0), 'the job is running: cancel it first', { status: 'running' }],
    [
      'new upload URLs for a job that has its photos',
      renewUploads(uploaded(), [0], T0, SETTINGS),
      'the job is uploaded: its photos are no longer awaited',
      { status: 'uploaded', action: 'renewUploads' },
    ],
    [
      'a new upload URL for a photo that the job does not have',
      renewUploads(created(2), [0, 2], T0, SETTINGS),
      'indexes[1]: the job has photos 0 to 1',
      { field: 'indexes[1]' },
    ],
    [
      'uploads that are not there',
      confirmUpload(created(3), new Map([[0, { bytes: 1000, contentType: null }]]), T0, SETTINGS),
      '2 of 3 photos are not there as announced',
      { missing: [1, 2], wrong: [] },
    ],
    [
      'uploads of a job that is over',
      confirmUpload(done(), new Map(), T0, SETTINGS),
      'the job is done',
      { status: 'done', action: 'confirmUpload' },
    ],
    [
      'a result for a photo that the job does not have',
      report(running(2), [doneResult(2)]),
      'idx: the job has photos 0 to 1',
      { field: 'idx' },
    ],
    [
      "a result under another job's key",
      report(running(2), [doneResult(0), doneResult(1, { output_key: 'results/u1/j2/1.jpg' })]),
      'items[1].output_key: is not the key of this photo, outputs/u1/j1/1_result.png',
      { field: 'items[1].output_key' },
    ],
    [
      "a preview under another job's key",
      report(running(2), [doneResult(0, { preview_key: 'results/u1/j2/0.jpg' })]),
      'preview_key: is not the key of this photo, previews/u1/j1/0_thumb.jpg',
      { field: 'preview_key' },
    ],
  ])('%s', ([, decision, message, details]) => {
    const refusal = refusalOf(decision);
    expect(refusal.message).toBe(message);
    if (details === null) expect(refusal.details).toBeNull();
    else expect(refusal.details).toMatchObject(details as object);
  });
});
