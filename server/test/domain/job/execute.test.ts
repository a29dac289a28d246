/** Execute: the choice is fixed, once, and the first attempt is on its way. */
import { describe, expect, test } from 'vitest';
import { execute } from '../../../src/domain/job/execute.ts';
import type { JobState } from '../../../src/domain/job/state.ts';
import {
  after,
  canceled,
  created,
  done,
  executeCommand,
  MINUTE,
  planned,
  queued,
  refusalOf,
  running,
  SETTINGS,
  T0,
  taken,
  uploaded,
} from './states.ts';

const run = (job: JobState, changes: Parameters<typeof executeCommand>[0] = {}, now = T0) =>
  execute(job, executeCommand(changes), now, SETTINGS);
const tone = { concepts: { Wall: { action: 'tone' as const, value: 'warm' as const } } };

describe('execute', () => {
  test('queues the first run, and owes the queue its message from that moment', () => {
    const now = T0 + MINUTE;
    const job = planned(run(uploaded(), {}, now), now);
    expect(job).toMatchObject({
      status: 'queued',
      attempt: 1,
      deadline: now + 24 * 60 * MINUTE,
      runs: [{ attempt: 1, photos: 0b11n, stage: 'none', leaseUntil: now + 15 * MINUTE }],
      effects: { send: { tries: 0, due: now + SETTINGS.effectGraceMs } },
    });
  });

  test('fixes the choice as the GPU worker gets it: colours as hex, protects filled in', () => {
    expect(queued().choice).toEqual({
      concepts: { Floor: { action: 'recolor', value: '#C8A27A' } },
      protect: ['Grout', 'Frame_Molding', 'Glass_highlight'],
      outputTemplate: null,
    });
  });

  test('remembers the rule that the choice came from', () => {
    expect(after(run(uploaded(), { rule: { id: 'r1', preset: 'interior' } })).ruleId).toBe('r1');
  });

  test('refuses a rule for another preset by name', () => {
    expect(refusalOf(run(uploaded(), { rule: { id: 'r1', preset: 'seller' } }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field: 'ruleId' },
    });
  });

  test('refuses a choice that does not fit the preset by the name of its field', () => {
    const choice = { concepts: { Logo: { action: 'remove' as const } } };
    expect(refusalOf(run(uploaded(), { choice }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { field: 'concepts.Logo' },
    });
  });

  test.each([
    ['created', created()],
    ['queued', queued()],
    ['running', running()],
    ['done', done()],
  ])('of a %s job is INVALID_TRANSITION', (status, job) => {
    expect(refusalOf(run(job))).toMatchObject({ code: 'INVALID_TRANSITION', details: { status, action: 'execute' } });
  });

  test('of a canceled job is ALREADY_CANCELED', () => {
    expect(refusalOf(run(canceled(uploaded()))).code).toBe('ALREADY_CANCELED');
  });
});

describe('execute again', () => {
  const once = after(run(uploaded(), { idempotencyKey: 'execute-1' }));

  test('with the same key and choice changes nothing, however far the job got', () => {
    expect(after(run(once, { idempotencyKey: 'execute-1' }, T0 + MINUTE))).toBe(once);
    const ended = canceled(once);
    expect(taken(run(ended, { idempotencyKey: 'execute-1' })).job).toBe(ended);
  });

  test('with the same key and a colour by its other name is the same choice', () => {
    const choice = { concepts: { Floor: { action: 'recolor' as const, value: '#c8a27a' } } };
    expect(after(run(once, { idempotencyKey: 'execute-1', choice }))).toBe(once);
  });

  test.each([
    ['another choice', { choice: tone }],
    ['a rule', { rule: { id: 'r1', preset: 'interior' as const } }],
  ])('with the same key and %s is IDEMPOTENCY_CONFLICT', (_, changes) => {
    expect(refusalOf(run(once, { idempotencyKey: 'execute-1', ...changes }))).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      details: { field: 'idempotencyKey' },
    });
  });

  test.each(['execute-2', null])('with the key %s is INVALID_TRANSITION', (idempotencyKey) => {
    expect(refusalOf(run(once, { idempotencyKey })).code).toBe('INVALID_TRANSITION');
  });

  test('without a key either time is INVALID_TRANSITION: no key is not the same key', () => {
    expect(refusalOf(run(queued())).code).toBe('INVALID_TRANSITION');
  });
});
