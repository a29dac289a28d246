/** `auth.*`: the session. Other calls make and renew it by themselves, so an app rarely needs these. */
import type { CallOptions } from './call.ts';

export interface AnonInput {
  /** At most 128 characters. */
  deviceHash?: string | undefined;
  /** Cloudflare Turnstile's, where the server asks for it. */
  turnstileToken?: string | undefined;
  /** At least 32 characters: the same key gives the same user for a day. Left out, the client keeps one. */
  idempotencyKey?: string | undefined;
}

export interface Session {
  userId: string;
  /** As secret as a password. */
  token: string;
  expiresAt: Date;
}

export interface AuthApi {
  /** The stored session, or a new user's if there never was one. Only needed where the server wants a `turnstileToken`. */
  anon(input?: AnonInput, options?: CallOptions): Promise<Session>;
  /** Works until 30 days after the token expired. */
  renew(options?: CallOptions): Promise<Session>;
  /** Ends every token issued before now, on all devices; this client goes on with a new one. */
  revoke(options?: CallOptions): Promise<Session>;
  /** Removes the session here; the next call makes a new anonymous user. */
  forget(): Promise<void>;
}
