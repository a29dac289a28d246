/** A logical API call: given its idempotency key, authorised, retried where that is safe, and its session renewed once. */
import { abortable, throwIfAborted } from './abort.ts';
import type { CallOptions } from './api/call.ts';
import type { Clock } from './clock.ts';
import { isS3Error, withMore } from './errors.ts';
import { PROCEDURES, type ProcedurePath, type Procedures } from './generated/procedures.ts';
import { apiRetry, retrying } from './retry.ts';
import { uniqueKey } from './unique-key.ts';
import type { Wire, WireOptions } from './wire/http.ts';

/** A wait that the server asks for is kept if it is no longer than this; otherwise the caller is told. In milliseconds. */
const LONGEST_ASKED_WAIT = 10_000;

/** Calls a procedure as the client's user. Rejects with an `S3Error`. */
export type Call = <P extends ProcedurePath>(
  path: P,
  input: Procedures[P]['input'],
  options?: CallOptions,
) => Promise<Procedures[P]['output']>;

/** `onSent`: with each request. */
type SendOptions = CallOptions & Pick<WireOptions, 'onSent'>;

/** Sends a call with a token or without; retried where that is safe. */
export type PatientWire = <P extends ProcedurePath>(
  path: P,
  input: Procedures[P]['input'],
  token: string | null,
  options?: SendOptions,
) => Promise<Procedures[P]['output']>;

/** What a call needs of the session. */
export interface Tokens {
  /** The current token; makes or renews the session first if it has to. */
  token(): Promise<string>;
  /** A token newer than `used`, which the server called expired. */
  replace(used: string): Promise<string>;
  /** The same user's token that another tab has stored since `used`, which the server called invalid; null if there is none. */
  elsewhere(used: string): Promise<string | null>;
}

/** Milliseconds that a request may take, and how often a call is sent again. */
export interface Patience {
  timeout: number;
  maxRetries: number;
}

/** `wire` with retries, after failures that may pass. */
export function retryingWire(wire: Wire, clock: Clock, patience: Patience): PatientWire {
  return (
    path,
    input,
    token,
    { signal, timeout = patience.timeout, maxRetries = patience.maxRetries, onSent } = {},
  ) => {
    const { safe, keyed } = PROCEDURES[path];
    const policy = apiRetry(safe || keyed ? maxRetries : 0);
    return retrying(
      () => wire(path, input, token, { signal, timeout, onSent }),
      worthAnotherTry,
      policy,
      clock,
      signal,
    );
  };
}

export function createCall(send: PatientWire, tokens: Tokens): Call {
  return (path, input, given = {}) => {
    const { signal } = given;
    let sent = 0;
    const onSent = () => {
      sent += 1;
    };
    const options = { ...given, onSent };
    const keyed = withKey(path, input);
    return abortable(authorised(), signal).catch((error) => {
      // Nothing of its own was sent: then it is about the session, or was never begun.
      throw sent === 0 ? error : withMore(error, { attempts: sent });
    });

    async function authorised() {
      if (PROCEDURES[path].open) return send(path, keyed, null, options);
      const token = await tokens.token();
      throwIfAborted(signal);
      try {
        return await send(path, keyed, token, options);
      } catch (error) {
        const fresh = await instead(token, error);
        if (!fresh) throw error;
        return send(path, keyed, fresh, options);
      }
    }
  };

  /** The token to try once more with, if the error is about the one that was used. */
  async function instead(used: string, error: unknown): Promise<string | null> {
    if (isS3Error(error, 'TOKEN_EXPIRED')) return tokens.replace(used);
    return isS3Error(error, 'TOKEN_INVALID') ? tokens.elsewhere(used) : null;
  }
}

/** One key per logical call, whatever the number of tries, so that a lost answer never makes two jobs. */
function withKey<P extends ProcedurePath>(path: P, input: Procedures[P]['input']): Procedures[P]['input'] {
  if (!PROCEDURES[path].keyed) return input;
  const given = input as { idempotencyKey?: string | undefined } | undefined;
  return { ...given, idempotencyKey: given?.idempotencyKey ?? uniqueKey() } as Procedures[P]['input'];
}

function worthAnotherTry(error: unknown): false | number {
  if (!isS3Error(error) || !error.retryable) return false;
  const asked = (error.retryAfter ?? 0) * 1000;
  return asked <= LONGEST_ASKED_WAIT && asked;
}
