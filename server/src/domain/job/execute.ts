/** From uploaded to queued: the choice is fixed and the first attempt is on its way. */
import type { PresetId } from '../../contract/presets.ts';
import { type Choice, type ChoiceInput, chooseFor } from '../presets.ts';
import { invalid, type Refused, refuse } from '../result.ts';
import { type Decision, decided, type JobSettings, type JobState } from './state.ts';

export type Execute = {
  choice: ChoiceInput;
  /** The saved rule that the choice comes from, with the preset that it is for. */
  rule: { id: string; preset: PresetId } | null;
  callbackBase: string;
  idempotencyKey: string | null;
};

export function execute(job: JobState, command: Execute, now: number, settings: JobSettings): Decision<null> {
  if (command.rule !== null && command.rule.preset !== job.preset) {
    return invalid('ruleId', `is a rule for ${command.rule.preset}, and the job's preset is ${job.preset}`);
  }
  const choice = chooseFor(job.preset, command.choice);
  if (!choice.ok) return choice;
  const refused = notExecutable(job, command, choice.value);
  if (refused === 'repeated') return decided(job, null);
  return refused ?? decided(queued(job, command, choice.value, now, settings), null);
}

function notExecutable(job: JobState, command: Execute, choice: Choice): Refused | 'repeated' | null {
  if (job.executeKey !== null && job.executeKey === command.idempotencyKey) {
    const same = JSON.stringify([job.choice, job.ruleId]) === JSON.stringify([choice, command.rule?.id ?? null]);
    if (same) return 'repeated';
    return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used with another choice', { field: 'idempotencyKey' });
  }
  if (job.status === 'canceled') return refuse('ALREADY_CANCELED', 'the job was canceled', null);
  if (job.status !== 'uploaded') {
    const hint = job.status === 'created' ? ': confirm the uploads first' : ' already';
    return refuse('INVALID_TRANSITION', `the job is ${job.status}${hint}`, { status: job.status, action: 'execute' });
  }
  return null;
}

function queued(job: JobState, command: Execute, choice: Choice, now: number, settings: JobSettings): JobState {
  return {
    ...job,
    status: 'queued',
    deadline: now + settings.executionMs,
    choice,
    ruleId: command.rule?.id ?? null,
    executeKey: command.idempotencyKey,
    callbackBase: command.callbackBase,
    attempt: 1,
    sent: 0,
    dispatch: 'none',
    leaseUntil: now + settings.leaseMs,
    effects: { ...job.effects, send: { tries: 0, due: now + settings.effectGraceMs } },
  };
}
