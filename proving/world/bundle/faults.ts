/** What must be true of a deployment whenever nobody calls: of its ledgers, of D1 beside the objects, and of what lies in R2. */
import { ALWAYS, broken, KEYS, ONCE_TOLD, told } from '../promises.ts';
import { lookOf, type Snapshot } from './snapshot.ts';

export const faultsOf = (snapshot: Snapshot): string[] => broken(lookOf(snapshot), ALWAYS, ONCE_TOLD, KEYS).map(told);
