/** The one interface between us and whoever runs the GPU; each adapter stands in its own file. */
import type { DispatchMessage } from '../contract/gpu-message.ts';
import type { RunStatus } from '../domain/job/dispatch.ts';

/**
 * What became of a dispatch. `refused`: the provider certainly does not run it. `ambiguous`: it may run or not, because
 * the answer was lost or says nothing.
 */
export type DispatchOutcome =
  | { kind: 'accepted'; providerId: string | null }
  | { kind: 'refused'; reason: string }
  | { kind: 'ambiguous'; reason: string };

export type Dispatcher = {
  /** What {@link dispatch} sends. @param limitMs how long the provider may let the run wait and work */
  bodyOf(message: DispatchMessage, limitMs: number): string;
  dispatch(body: string): Promise<DispatchOutcome>;
  /** What the provider says of a run; `unknown` when it says nothing of use. */
  status(providerId: string): Promise<RunStatus>;
  /** Throws when the provider could not be reached; a run that it does not know (any more) counts as canceled. */
  cancel(providerId: string): Promise<void>;
};
