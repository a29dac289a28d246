/** Who comes in: sessions that no revocation has ended, users that are not being deleted, accounts that a first change opens. */
import { ok, type Result, refuse } from '../../domain/result.ts';
import { isMintedUserId, type SignUp } from '../../domain/sign-up.ts';
import type { Session, User } from './state.ts';

export type AccessPorts = {
  now(): number;
  user(): User | null;
  /** Opens the account unless it is open. */
  open(signUp: SignUp): Promise<Result<null>>;
  /** Sets an alarm that could not be set before. Costs nothing otherwise. */
  lookAfterAlarm(): void;
};

/** No token is issued after this moment. */
const NEVER = Number.MAX_SAFE_INTEGER;

export class Access {
  readonly #ports: AccessPorts;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
  }

  /** Tokens issued before this moment are void: none, while nobody has ended any. */
  sessionEpoch(): number {
    this.#ports.lookAfterAlarm();
    const user = this.#ports.user();
    return user?.more.erasing === undefined ? (user?.sessionEpoch ?? 0) : NEVER;
  }

  /** For a change that opens the account when it is the first one. @param session null when an operator asks */
  async opened(session: Session | null): Promise<Result<null>> {
    return session === null ? ok(null) : this.#ports.open(session);
  }

  /** A payment may come before the first job. Only for an id that a sign-up can have made: others name nobody. */
  async openedByOperator(userId: string): Promise<Result<User>> {
    if (this.#ports.user() === null) {
      if (!isMintedUserId(userId)) return userNotFound();
      const signUp = { userId, signedUpAt: this.#ports.now(), deviceHash: null, address: null };
      const opened = await this.#ports.open(signUp);
      if (!opened.ok) return opened;
    }
    const user = this.current();
    return user === null ? userNotFound() : ok(user);
  }

  /** The account, unless a revocation has ended the session. @param session null when an operator asks */
  admitted(session: Session | null): Result<User> {
    const user = this.current();
    if (user === null || (session !== null && session.issuedAt < user.sessionEpoch)) return sessionEnded();
    return ok(user);
  }

  /** The account, unless it is being deleted. */
  current(): User | null {
    this.#ports.lookAfterAlarm();
    const user = this.#ports.user();
    return user?.more.erasing === undefined ? user : null;
  }

  isErasing(): boolean {
    return this.#ports.user()?.more.erasing !== undefined;
  }
}

export const sessionEnded = () => refuse('TOKEN_INVALID', 'the token is not valid: sign in again', null);
export const userNotFound = () => refuse('NOT_FOUND', 'no such user', null);
