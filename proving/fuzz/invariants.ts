/** What must be true whenever nobody calls: of the ledgers, of D1 beside the objects, and of what lies in R2. */
import { ledgerFaults, type Snapshot } from '../world/bundle/snapshot.ts';
import type { World } from '../world/bundle/world.ts';

/** How long what is under way may take to end, in looks 250 ms apart: dispatches, flushes and clean-ups go on for a moment. */
const LOOKS = 60;

/** Looks until everything adds up; returns what still does not. */
export async function faults(world: World): Promise<string[]> {
  let found: string[] = [];
  world.release();
  for (let n = 0; n < LOOKS; n++) {
    found = faultsOf(await world.snapshot());
    if (found.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return found;
}

export const faultsOf = (snapshot: Snapshot): string[] => [
  ...ledgerFaults(snapshot),
  ...strangeKeys(snapshot),
  ...wrongCharges(snapshot),
];

/** Keys that the server does not mint. */
function strangeKeys(snapshot: Snapshot): string[] {
  const minted =
    /^r2\/(inputs|outputs|previews|masks)\/usr_[\w-]{22}\/[0-9a-f]{64}\/\d{1,3}(\.jpg|_\w+\.(png|jpg|json))$/;
  return [...snapshot.keys()]
    .filter((path) => path.startsWith('r2/') && !minted.test(path))
    .map((path) => `R2 holds ${path}`);
}

/** Every charge in D1 is the charge of one job for at most the photos that it has done. */
function wrongCharges(snapshot: Snapshot): string[] {
  const found: string[] = [];
  for (const [path, row] of snapshot) {
    if (!path.startsWith('d1/billing_events/charge:')) continue;
    const { amount, ref } = JSON.parse(row) as { amount: number; ref: string };
    const job = snapshot.get(`d1/jobs_log/${ref}`);
    if (job === undefined) continue;
    const { done } = JSON.parse(job) as { done: number };
    if (-amount !== done) found.push(`job ${ref} was charged ${-amount} for ${done} photos`);
  }
  return found;
}
