/**
 * What a user's object, and the one that keeps the ceilings, can be asked by RPC. Whoever asks needs to know no more of them, so that no
 * file imports what imports it.
 */
import type { DurableObject } from 'cloudflare:workers';
import type { Access } from './access.ts';
import type { AccountView } from './account.ts';
import type { Ceilings } from './ceilings.ts';
import type { PhotoClaims } from './claims.ts';
import type { Erasure } from './erasure.ts';
import type { History } from './history.ts';
import type { Holds } from './holds.ts';
import type { Opening } from './opening.ts';
import type { Operator } from './operator.ts';
import type { Revocation } from './revocation.ts';
import type { Rules } from './rules.ts';

/** Asked of the one object that keeps the ceilings. */
export interface CeilingsCalls {
  /** The credits that a new account begins with. */
  claimSignUp: Ceilings['signUp'];
  /** Whether a job's photos may be sent to the GPU today. */
  claimDispatch: Ceilings['dispatch'];
  /** Tells what of claims never reached the GPU. */
  lowerDispatch: Ceilings['lower'];
}

type Of<Part, Name extends keyof Part> = Pick<Part, Name>;

/** Asked of a user's object. What a call does is said where its part does it. */
export interface UserCalls
  extends CeilingsCalls,
    Of<Access, 'sessionEpoch'>,
    Of<AccountView, 'admit' | 'exported' | 'me' | 'meOf'>,
    Of<Erasure, 'erase'>,
    Of<History, 'forgetJob' | 'hasEnded' | 'noteGone' | 'query' | 'review'>,
    Of<Holds, 'freeSlot' | 'recheck' | 'reserve' | 'settle'>,
    Of<Opening, 'signUp'>,
    Of<Operator, 'adopt' | 'grantCredits' | 'project' | 'setPlan'>,
    Of<PhotoClaims, 'unsent'> {
  claimPhotos: PhotoClaims['claim'];
  jobs(cost?: number): ReturnType<History['jobs']>;
  revokeSessions(
    session: Parameters<Revocation['revokeSessions']>[0],
    key?: string | null,
  ): ReturnType<Revocation['revokeSessions']>;
  createRule: Rules['create'];
  listRules: Rules['list'];
  getRule: Rules['get'];
  updateRule: Rules['update'];
  deleteRule: Rules['delete'];
}

/** The object as its namespace knows it: a type of its own, since bindings.ts must not import what imports it. */
export interface UserObject extends DurableObject, UserCalls {
  alarm(): Promise<void>;
}
