/** Every weakness. */
import { CALLBACK_RUNS } from './callback-runs.ts';
import { CALLBACKS } from './callbacks.ts';
import { KEPT } from './kept.ts';
import { LEGAL_CALLS } from './legal-calls.ts';
import { NETWORK } from './network.ts';
import { OPENING } from './opening.ts';
import { OWNERSHIP } from './ownership.ts';
import { PRESIGNING } from './presigning.ts';
import { SECRETS } from './secrets.ts';
import { SIGN_UP } from './sign-up.ts';
import { SUPPLY_CHAIN } from './supply-chain.ts';
import { TOKENS } from './tokens.ts';
import { TRPC } from './trpc.ts';
import { WATCHING } from './watching.ts';
import type { Weakness } from './weakness.ts';

export const WEAKNESSES: readonly Weakness[] = [
  ...TOKENS,
  ...SIGN_UP,
  ...OPENING,
  ...LEGAL_CALLS,
  ...KEPT,
  ...CALLBACKS,
  ...CALLBACK_RUNS,
  ...OWNERSHIP,
  ...TRPC,
  ...PRESIGNING,
  ...NETWORK,
  ...WATCHING,
  ...SECRETS,
  ...SUPPLY_CHAIN,
];
