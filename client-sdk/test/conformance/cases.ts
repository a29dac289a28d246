/** The conformance suite: what a server of this API does, as sentences that can be run. README.md says how. */
import { accountCases } from './cases/account.ts';
import { fileCases } from './cases/files.ts';
import { jobCases } from './cases/jobs.ts';
import { uploadCases } from './cases/uploads.ts';
import { watchCases } from './cases/watch.ts';
import type { Case } from './env.ts';

export type { Case, Control, Env, Outcome } from './env.ts';

export const CASES: readonly Case[] = [...accountCases, ...uploadCases, ...jobCases, ...fileCases, ...watchCases];

/** Those that `env` can run. */
export const casesFor = (env: { WebSocket: unknown }): readonly Case[] =>
  CASES.filter(({ needsWebSocket }) => !needsWebSocket || env.WebSocket !== null);
