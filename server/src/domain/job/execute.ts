/** From uploaded to queued: the choice is fixed, and what is planned next goes to the provider. */
import type { PresetId } from '../../contract/presets.ts';
import { type Choice, type ChoiceInput, chooseFor } from '../presets.ts';
import { invalid, refuse } from '../result.ts';
import { ask } from './refusals.ts';
import { type Decision, decided, type JobSettings, type JobState } from './state.ts';

export type Execute = {
  choice: ChoiceInput;
  /** Whether masks are wanted. A caller of the release before does not say, and means yes. */
  masks?: boolean | undefined;
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
  const repeated = job.executeKey !== null && job.executeKey === command.idempotencyKey;
  if (repeated && !isAsBefore(job, command, choice.value)) {
    return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used with another choice', { field: 'idempotencyKey' });
  }
  const verdict = ask(job, 'execute', repeated);
  if (typeof verdict !== 'string') return verdict;
  return decided(verdict === 'answered' ? job : queued(job, command, choice.value, now, settings), null);
}

/** The release before says nothing of masks: what it executed, or repeats, is the same whatever the other says of them. */
const isAsBefore = (job: JobState, command: Execute, choice: Choice): boolean =>
  JSON.stringify([job.choice, job.ruleId]) === JSON.stringify([choice, command.rule?.id ?? null]) &&
  (job.masks === undefined || command.masks === undefined || job.masks === command.masks);

function queued(job: JobState, command: Execute, choice: Choice, now: number, settings: JobSettings): JobState {
  return {
    ...job,
    status: 'queued',
    deadline: now + settings.executionMs,
    choice,
    ...(command.masks === undefined ? {} : { masks: command.masks }),
    ruleId: command.rule?.id ?? null,
    executeKey: command.idempotencyKey,
    callbackBase: command.callbackBase,
    sent: 0,
  };
}
