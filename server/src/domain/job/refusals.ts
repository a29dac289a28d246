/** What a command is told that the table (transitions.ts) refuses. */
import type { JobStatus } from '../../contract/jobs.ts';
import { type Refused, refuse } from '../result.ts';
import type { JobState } from './state.ts';
import { type RefusalCode, type STAGES, type Stage, type Verdict, verdictOf } from './transitions.ts';

type Rows = (typeof STAGES)[Stage]['commands'];
type Refuses = RefusalCode | { otherwise: RefusalCode };
/** Those that some state refuses. */
type Refusable = { [C in keyof Rows]: Extract<Rows[C], Refuses> extends never ? never : C }[keyof Rows];

/** `action`: what the details call it. `canceled`: what is said of a job that was canceled, when the code says so already. */
const WORDS: Record<Refusable, { action: string; why(status: JobStatus): string; canceled?: string }> = {
  renewUploads: { action: 'renewUploads', why: (status) => `the job is ${status}: its photos are no longer awaited` },
  confirmUpload: { action: 'confirmUpload', why: (status) => `the job is ${status}` },
  loan: {
    action: 'make a job from it',
    why: (status) => `from.jobId: the photos of a job that is ${status} were not all uploaded`,
  },
  execute: {
    action: 'execute',
    why: (status) => `the job is ${status}${status === 'created' ? ': confirm the uploads first' : ' already'}`,
  },
  cancel: {
    action: 'cancel',
    why: (status) => `the job is ${status} already`,
    canceled: 'the job was canceled before',
  },
  remove: { action: 'delete', why: (status) => `the job is ${status}: cancel it first` },
};

export function refusedIn({ status }: JobState, command: Refusable): Refused {
  const { action, why } = WORDS[command];
  return refuse('INVALID_TRANSITION', why(status), { status, action });
}

/** The table's word on a command that some state refuses: the refusal, if this one does. @param repeated as in {@link verdictOf} */
export function ask(job: JobState, command: Refusable, repeated = false): Refused | Exclude<Verdict, RefusalCode> {
  const verdict = verdictOf(job, command, repeated);
  if (verdict === 'INVALID_TRANSITION') return refusedIn(job, command);
  if (verdict === 'ALREADY_CANCELED') return refuse(verdict, WORDS[command].canceled ?? 'the job was canceled', null);
  return verdict;
}
