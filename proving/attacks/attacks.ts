/** Every attack, in the order of the groups. */
import type { Attack } from './attack.ts';
import './groups/callback-bodies.ts';
import './groups/callback-runs.ts';
import { callbacks } from './groups/callbacks.ts';
import './groups/copies.ts';
import './groups/cost.ts';
import './groups/deletion.ts';
import './groups/inputs.ts';
import { floods } from './groups/floods.ts';
import { kept } from './groups/kept.ts';
import { legalCalls } from './groups/legal-calls.ts';
import './groups/lifetimes.ts';
import { network } from './groups/network.ts';
import './groups/opening.ts';
import { ownership } from './groups/ownership.ts';
import './groups/photos.ts';
import { admin } from './groups/admin.ts';
import { presigning } from './groups/presigning.ts';
import { secrets } from './groups/secrets.ts';
import { signUp } from './groups/sign-up.ts';
import { supplyChain } from './groups/supply-chain.ts';
import { tokens } from './groups/tokens.ts';
import { trpc } from './groups/trpc.ts';
import './groups/watch.ts';
import './groups/watch-ends.ts';

export const ATTACKS: readonly Attack[] = [
  tokens,
  signUp,
  callbacks,
  ownership,
  legalCalls,
  floods,
  trpc,
  presigning,
  network,
  secrets,
  admin,
  kept,
  supplyChain,
].flatMap(({ attacks }) => attacks);
