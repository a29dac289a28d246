/** `auth.*`: the session. Other calls make and renew it by themselves, so an app rarely needs these. */
import type { SessionKeeper } from '../session.ts';
import type { Call } from '../transport.ts';
import type { CallOptions } from './call.ts';

/** What a new anonymous user may come with. */
export interface AnonInput {
  /** A hash of the device, at most 128 characters. */
  deviceHash?: string | undefined;
  /** Cloudflare Turnstile's answer, where the server asks for one. */
  turnstileToken?: string | undefined;
  /** At least 32 characters: the same key gives the same user for a day. Made and stored by the client when left out. */
  idempotencyKey?: string | undefined;
}

/** A user's proof of being one. */
export interface Session {
  userId: string;
  /** Bearer token of every other call: as secret as a password. */
  token: string;
  /** 30 days after it was issued. */
  expiresAt: Date;
}

export interface AuthApi {
  /**
   * The session of this client: the stored one, or that of a new anonymous user if there never was one. Call it first where the
   * server wants a `turnstileToken`; otherwise the first call that needs a user does it.
   */
  anon(input?: AnonInput, options?: CallOptions): Promise<Session>;
  /** Exchanges the token for a fresh one. Works until 30 days after it expired; then TOKEN_INVALID or TOKEN_EXPIRED. */
  renew(options?: CallOptions): Promise<Session>;
  /**
   * Ends every token of this user that was issued before now, on all devices; this client goes on with the new one that comes back.
   * Not retried: if the answer is lost, so is an anonymous user without a kept `idempotencyKey`.
   */
  revoke(options?: CallOptions): Promise<Session>;
  /** Removes the session from this client and its storage; the next call makes a new anonymous user. Nothing is sent. */
  forget(): Promise<void>;
}

export function authApi(call: Call, keeper: SessionKeeper): AuthApi {
  return {
    anon: (input, options) => keeper.establish(input, options?.signal),
    renew: (options) => keeper.renewNow(options?.signal),
    revoke: async (options) => keeper.adopt(await call('auth.revoke', undefined, options)),
    forget: () => keeper.forget(),
  };
}
