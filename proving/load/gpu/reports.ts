/** What the API answered to callbacks: the GPU worker's own record of what was settled, to compare with what jobs show in the end. */
import * as z from 'zod/mini';
import type { CallbackOutcome } from '../../../server/src/contract/callback.ts';
import type { Tally } from '../tally.ts';

export type Verdict = 'done' | 'failed';

export class Reports {
  readonly #tally: Tally;
  /** By job, then by photo: what was accepted. */
  readonly #accepted = new Map<string, Map<number, Verdict>>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** @param said what the callback said, by photo */
  take(jobId: string, said: ReadonlyMap<number, Verdict>, text: string): void {
    const items = itemsOf(text);
    const known = this.#accepted.get(jobId) ?? new Map<number, Verdict>();
    this.#accepted.set(jobId, known);
    if (items.length !== said.size) this.#tally.problem('a callback was answered for other photos', jobId);
    for (const { idx, outcome } of items) {
      const verdict = said.get(idx);
      if (verdict === undefined) this.#tally.problem('a callback was answered for other photos', jobId);
      else if (outcome === 'accepted') {
        this.#tally.add('resultsAccepted');
        if (known.has(idx)) this.#tally.problem('a photo was accepted twice', `${jobId} ${idx}`);
        known.set(idx, verdict);
      } else this.#tally.add(outcome === 'duplicate' ? 'resultsDuplicate' : 'resultsIgnored');
    }
  }

  /** A photo whose callback was accepted while the answer was lost is not in here. */
  acceptedOf(jobId: string): ReadonlyMap<number, Verdict> {
    return this.#accepted.get(jobId) ?? new Map();
  }
}

const answer = z.object({
  data: z.object({ items: z.array(z.object({ idx: z.int(), outcome: z.enum(['accepted', 'duplicate', 'ignored']) })) }),
});
const itemsOf = (text: string): CallbackOutcome[] => answer.parse(JSON.parse(text)).data.items;
