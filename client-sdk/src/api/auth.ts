/** `auth.*`: the session. Other calls make and renew it by themselves, so an app rarely needs these. */
import type { AuthCalls } from '../generated/calls.ts';
import type { AnonInput, Session } from '../generated/types.ts';
import type { CallOptions } from './call.ts';

export interface AuthApi extends Omit<AuthCalls, 'revoke'> {
  /** The stored session, or a new user's if there never was one. Only needed where the server wants a `turnstileToken`. */
  anon(input?: AnonInput, options?: CallOptions): Promise<Session>;
  /** Works until 30 days after the token expired. */
  renew(options?: CallOptions): Promise<Session>;
  /** Ends every token issued before now, on all devices; this client goes on with a new one. */
  revoke(options?: CallOptions): Promise<Session>;
  /** Removes the session here; the next call makes a new anonymous user. */
  forget(): Promise<void>;
}
