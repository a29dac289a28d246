/**
 * The states of a job, and what each of them does with each command: the one table that every command asks. What a command checks beyond
 * that (attempts, indexes, keys, times) stands with the command.
 *
 *     created → uploaded → queued → running → closing → done | failed          any live state → canceled
 *
 * Closing is a state of its own, though it is stored and shown as the one before it: every photo is settled, and only the look into R2 is
 * missing. That look is owed by being there: no row says so, since the row of the last photo is what leads there.
 *
 * A job that was deleted cannot be found any more, so that calls of its owner end before this table; from inside, it is what it was.
 */
import type { JobStatus } from '../../contract/jobs.ts';
import { type EffectName, isClosing, type JobState } from './state.ts';

export type Stage = JobStatus | 'closing';

export type CommandName =
  | 'create'
  | 'renewUploads'
  | 'confirmUpload'
  | 'loan'
  | 'execute'
  | 'cancel'
  | 'remove'
  | 'erase'
  | 'report'
  | 'beginDispatch'
  | 'confirmDispatch'
  | 'refuseDispatch'
  | 'deadLetter'
  | 'hear'
  | 'expire'
  | 'verify'
  | 'settleAgain';

export type RefusalCode = 'INVALID_TRANSITION' | 'ALREADY_CANCELED';

/**
 * `allowed`: the command goes on, and checks the rest. `answered`: it is done already; the answer is the job as it stands, and nothing
 * changes. `ignored`: nothing changes, and whoever asked is told so. `early`, `late`: no photo, state or time changes by it; it is noted, and
 * what runs for nobody is called off. A code refuses it.
 */
export type Verdict = 'allowed' | 'answered' | 'ignored' | 'early' | 'late' | RefusalCode;

/** What holds of a command that names the key under which it was taken before, and of any other. */
type Keyed = { repeated: 'answered'; otherwise: RefusalCode };
type Cell = Verdict | Keyed;

/** A moment at which something happens by itself: the state's deadline, the attempt's lease, and when objects are deleted. */
export type TimeName = 'deadline' | 'lease' | 'cleanUp';

type Row = {
  /** Effects that a job in this state owes without a word of it in what is stored. */
  owes: readonly EffectName[];
  times: readonly TimeName[];
  commands: Record<CommandName, Cell>;
};

/** Nothing was dispatched yet. */
const NOT_SENT = {
  report: 'early',
  beginDispatch: 'ignored',
  confirmDispatch: 'late',
  refuseDispatch: 'ignored',
  deadLetter: 'ignored',
  hear: 'ignored',
  expire: 'allowed',
  verify: 'ignored',
  settleAgain: 'ignored',
} as const;

const AT_WORK = {
  owes: [],
  times: ['deadline', 'lease'],
  commands: {
    create: 'answered',
    renewUploads: 'INVALID_TRANSITION',
    confirmUpload: 'answered',
    loan: 'allowed',
    execute: { repeated: 'answered', otherwise: 'INVALID_TRANSITION' },
    cancel: 'allowed',
    remove: 'INVALID_TRANSITION',
    erase: 'allowed',
    report: 'allowed',
    beginDispatch: 'allowed',
    confirmDispatch: 'allowed',
    refuseDispatch: 'allowed',
    deadLetter: 'allowed',
    hear: 'allowed',
    expire: 'allowed',
    verify: 'ignored',
    settleAgain: 'ignored',
  },
} as const;

const ENDED = {
  owes: [],
  times: ['cleanUp'],
  commands: {
    create: 'answered',
    renewUploads: 'INVALID_TRANSITION',
    confirmUpload: 'INVALID_TRANSITION',
    loan: 'allowed',
    execute: { repeated: 'answered', otherwise: 'INVALID_TRANSITION' },
    cancel: 'INVALID_TRANSITION',
    remove: 'allowed',
    erase: 'allowed',
    // No photo is open: each in it is a duplicate.
    report: 'answered',
    beginDispatch: 'ignored',
    confirmDispatch: 'late',
    // The provider may answer after the end: what it was told to have is put right.
    refuseDispatch: 'late',
    deadLetter: 'ignored',
    hear: 'ignored',
    expire: 'ignored',
    verify: 'ignored',
    settleAgain: 'allowed',
  },
} as const;

export const STAGES = {
  created: {
    owes: [],
    times: ['deadline'],
    commands: {
      ...NOT_SENT,
      // Its upload URLs are signed anew.
      create: 'allowed',
      renewUploads: 'allowed',
      confirmUpload: 'allowed',
      loan: 'INVALID_TRANSITION',
      execute: 'INVALID_TRANSITION',
      cancel: 'allowed',
      remove: 'INVALID_TRANSITION',
      erase: 'allowed',
    },
  },
  uploaded: {
    owes: [],
    times: ['deadline'],
    commands: {
      ...NOT_SENT,
      create: 'answered',
      renewUploads: 'INVALID_TRANSITION',
      confirmUpload: 'answered',
      loan: 'allowed',
      execute: 'allowed',
      cancel: 'allowed',
      remove: 'INVALID_TRANSITION',
      erase: 'allowed',
    },
  },
  queued: AT_WORK,
  running: AT_WORK,
  closing: {
    owes: ['verify'],
    // Nothing runs out any more: the look is tried until it is done.
    times: [],
    commands: {
      ...AT_WORK.commands,
      report: 'answered',
      beginDispatch: 'ignored',
      confirmDispatch: 'late',
      deadLetter: 'ignored',
      hear: 'ignored',
      expire: 'ignored',
      verify: 'allowed',
    },
  },
  done: ENDED,
  failed: ENDED,
  canceled: {
    ...ENDED,
    commands: {
      ...ENDED.commands,
      execute: { repeated: 'answered', otherwise: 'ALREADY_CANCELED' },
      cancel: { repeated: 'answered', otherwise: 'ALREADY_CANCELED' },
      report: 'late',
      // What was done until then is looked for, and charged.
      verify: 'allowed',
    },
  },
} as const satisfies Record<Stage, Row>;

export const stageOf = (job: JobState): Stage => (isClosing(job) ? 'closing' : job.status);

const rowOf = (job: JobState): Row => STAGES[stageOf(job)];

/** @param repeated whether it names the key under which the same command was taken before */
export function verdictOf(job: JobState, command: CommandName, repeated = false): Verdict {
  const cell = rowOf(job).commands[command];
  if (typeof cell === 'string') return cell;
  return repeated ? cell.repeated : cell.otherwise;
}

/** What the job owes although nothing that is stored says so. */
export const owesUntold = (job: JobState, name: EffectName): boolean => rowOf(job).owes.includes(name);

/** The moments that the job waits for by itself. */
export const timesOf = (job: JobState): readonly TimeName[] => rowOf(job).times;
