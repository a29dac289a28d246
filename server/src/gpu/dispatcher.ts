/** The one interface between us and whoever runs the GPU; each adapter stands in its own file. */
import type { DispatchMessage } from '../contract/gpu-message.ts';
import type { RunReport } from '../domain/job/leases.ts';

/**
 * What became of a dispatch. `refused`: the provider certainly does not run it, now; `alert`: and will not by itself. `wrong`: it takes no
 * such message. `ambiguous`: it may run or not, because the answer was lost or says nothing. Reasons hold the provider's own words.
 */
export type DispatchOutcome =
  | { kind: 'accepted'; providerId: string | null }
  | { kind: 'refused'; reason: string; alert: boolean }
  | { kind: 'wrong'; reason: string }
  | { kind: 'ambiguous'; reason: string };

/** How long the provider may let a run work, and how long it may let it wait and work; milliseconds. */
export type RunLimits = { workMs: number; untilMs: number };

export type Dispatcher = {
  /** What {@link dispatch} sends. */
  bodyOf(message: DispatchMessage, limits: RunLimits): string;
  dispatch(body: string): Promise<DispatchOutcome>;
  /** What the provider says of a run; `unknown` when it says nothing of use. */
  status(providerId: string): Promise<RunReport>;
  /** Throws when the provider could not be reached; a run that it does not know (any more) counts as canceled. */
  cancel(providerId: string): Promise<void>;
};
