/** The table of transitions against the commands themselves: each of them in each state, as histories of real commands lead there. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all } from '../../../src/domain/bitmap.ts';
import { create, loanOf } from '../../../src/domain/job/create.ts';
import {
  beginDispatch,
  confirmDispatch,
  deadLetter,
  refuseDispatch,
  rejectDispatch,
} from '../../../src/domain/job/dispatch.ts';
import { cancel, settleAgain, verified } from '../../../src/domain/job/ending.ts';
import { execute } from '../../../src/domain/job/execute.ts';
import { hear } from '../../../src/domain/job/leases.ts';
import { erase, remove } from '../../../src/domain/job/removal.ts';
import { applyResults } from '../../../src/domain/job/results.ts';
import { type Decision, decided, type JobState } from '../../../src/domain/job/state.ts';
import { nextAlarm, owedEffects, timeout } from '../../../src/domain/job/timing.ts';
import {
  type CommandName,
  STAGES,
  type Stage,
  stageOf,
  type Verdict,
  verdictOf,
} from '../../../src/domain/job/transitions.ts';
import { confirmUpload, renewUploads } from '../../../src/domain/job/uploads.ts';
import { SHORT } from './model.ts';
import { createCommand, doneResult, executeCommand, inventoryOf, seen } from './states.ts';
import { stepsOf, walks } from './walks.ts';

type Try = { decision: Decision<unknown>; repeated: boolean };
type Tried = { job: JobState; stage: Stage; command: CommandName; verdict: Verdict; decision: Decision<unknown> };

const once = (decision: Decision<unknown>): Try[] => [{ decision, repeated: false }];
const leases = (job: JobState) => job.runs.map(({ leaseUntil }) => leaseUntil);
const KEYS = [null, 'key-1', 'key-2'];

/** Every command, with what a caller may say who is right about the rest: the current attempt, the same photos, a time that has come. */
const COMMANDS: Record<CommandName, (job: JobState, now: number) => Try[]> = {
  create: (job, now) => once(create(job, createCommand(job.photos.length, { source: job.source }), now, SHORT)),
  renewUploads: (job, now) => once(renewUploads(job, [0], now, SHORT)),
  confirmUpload: (job, now) => once(confirmUpload(job, inventoryOf(job), now, SHORT)),
  loan: (job) => {
    const loan = loanOf(job, undefined);
    return once(loan.ok ? decided(job, loan.value) : loan);
  },
  execute: (job, now) =>
    KEYS.map((idempotencyKey) => ({
      decision: execute(job, executeCommand({ idempotencyKey }), now, SHORT),
      repeated: idempotencyKey !== null && idempotencyKey === job.executeKey,
    })),
  cancel: (job, now) =>
    KEYS.map((key) => ({
      decision: cancel(job, key, now, SHORT),
      repeated: key !== null && key === job.cancelKey,
    })),
  remove: (job, now) => once(remove(job, now)),
  erase: (job, now) => once(erase(job, now)),
  report: (job, now) =>
    [null, 'webhook-1'].map((id) => {
      const results = job.photos.map((_, idx) => doneResult(idx, { attempt: job.attempt }));
      return { decision: applyResults(job, results, now, SHORT, true, id), repeated: false };
    }),
  beginDispatch: (job, now) => once(beginDispatch(job, job.attempt, now, SHORT)),
  confirmDispatch: (job, now) =>
    [null, 'run-9'].map((id) => ({ decision: confirmDispatch(job, job.attempt, id, now), repeated: false })),
  refuseDispatch: (job, now) => [
    { decision: refuseDispatch(job, job.attempt, 'busy', now, 0.5, SHORT), repeated: false },
    { decision: rejectDispatch(job, job.attempt, 'no such message', now, 0.5, SHORT), repeated: false },
  ],
  deadLetter: (job, now) => once(deadLetter(job, job.attempt, now, 0.5, SHORT)),
  hear: (job, now) => once(hear(job, job.attempt, { status: 'failed' }, Math.max(now, ...leases(job)), SHORT)),
  expire: (job, now) => {
    const due = timeout(job, Math.max(now, job.deadline), SHORT);
    return once(due.kind === 'decided' ? due.decision : decided(job, null));
  },
  verify: (job, now) => once(verified(job, seen(all(job.photos.length)), now, SHORT)),
  settleAgain: (job, now) => once(settleAgain(job, now)),
};

/** The whole of what the table says of one job. */
const triedOn = (job: JobState, now: number): Tried[] =>
  (Object.keys(COMMANDS) as CommandName[]).flatMap((command) =>
    COMMANDS[command](job, now).map(({ decision, repeated }) => ({
      job,
      stage: stageOf(job),
      command,
      verdict: verdictOf(job, command, repeated),
      decision,
    })),
  );

const changes = ({ job, decision }: Tried): boolean =>
  decision.ok && (decision.job !== job || decision.events.length > 0);
const codeOf = ({ decision }: Tried): string | null => (decision.ok ? null : decision.refusal.code);

/** Photos that may never have been uploaded are lent by nobody, whatever the table says. */
const mayLackPhotos = ({ command, job }: Tried): boolean =>
  command === 'loan' && job.status === 'canceled' && job.attempt === 0 && job.source === null;

/** What is left of a job without what a command may note of it that comes too early or too late. */
function withoutNotes({ effects, runs: _, sent: __, ...rest }: JobState) {
  const { cancelRuns: ___, unsent: ____, ...owed } = effects;
  return { ...rest, effects: owed };
}

function expectVerdict(tried: Tried): void {
  const { job, verdict, decision } = tried;
  switch (verdict) {
    case 'allowed':
      if (!mayLackPhotos(tried)) expect(['INVALID_TRANSITION', 'ALREADY_CANCELED']).not.toContain(codeOf(tried));
      return;
    case 'answered':
    case 'ignored':
      expect(codeOf(tried)).toBeNull();
      expect(changes(tried)).toBe(false);
      return;
    case 'early':
    case 'late':
      if (!decision.ok) throw new Error(`was refused: ${decision.refusal.message}`);
      expect(withoutNotes(decision.job)).toEqual(withoutNotes(job));
      for (const { type } of decision.events) expect(type).toBe('late');
      return;
    default:
      expect(codeOf(tried)).toBe(verdict);
      if (verdict === 'INVALID_TRANSITION') {
        expect(decision).toMatchObject({ refusal: { details: { status: job.status } } });
      }
  }
}

describe('each command in each state', () => {
  test('does what the table says, however the job came there', () => {
    fc.assert(
      fc.property(walks, (walk) => {
        for (const { after } of stepsOf(walk)) {
          for (const tried of triedOn(after.job, after.now)) {
            try {
              expectVerdict(tried);
            } catch (error) {
              throw new Error(`${tried.command} of a job that is ${tried.stage}: ${tried.verdict}`, { cause: error });
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('that the table allows, or has noted, changes something in some history', () => {
    const silent = new Set<string>();
    for (const [stage, { commands }] of Object.entries(STAGES)) {
      for (const [command, cell] of Object.entries(commands)) {
        if (cell === 'allowed' || cell === 'early' || cell === 'late') silent.add(`${stage} ${command}`);
      }
    }
    for (const walk of fc.sample(walks, { numRuns: 4_000, seed: 7 })) {
      for (const { after } of stepsOf(walk)) {
        for (const tried of triedOn(after.job, after.now)) {
          if (changes(tried)) silent.delete(`${tried.stage} ${tried.command}`);
        }
      }
    }
    // To lend photos is to tell of them.
    expect([...silent].filter((cell) => !cell.endsWith(' loan'))).toEqual([]);
  });
});

test('a closing job owes the look and waits for nothing else; in no other state is anything owed that is not stored', () => {
  const stages = new Set<Stage>();
  for (const walk of fc.sample(walks, { numRuns: 500, seed: 11 })) {
    for (const { after } of stepsOf(walk)) {
      const { job, now } = after;
      const stage = stageOf(job);
      stages.add(stage);
      const untold = owedEffects(job).filter(({ name }) => job.effects[name] === undefined);
      const isUntold = stage === 'closing' && job.effects.verify === undefined;
      expect(untold).toEqual(isUntold ? [{ name: 'verify', tries: 0, due: 0 }] : []);
      if (stage !== 'closing') continue;
      const due = owedEffects(job).map((effect) => (effect.due <= now ? now + SHORT.effectGraceMs : effect.due));
      expect(nextAlarm(job, now, SHORT)).toBe(Math.min(...due));
    }
  }
  expect([...stages].toSorted()).toEqual(Object.keys(STAGES).toSorted());
});
