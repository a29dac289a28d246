/**
 * The session: made on first need, stored, renewed, and never exchanged for another user's behind the app's back.
 * However many calls wait, there is one sign-up and one renewal at a time.
 */
import { abortable } from './abort.ts';
import type { Clock } from './clock.ts';
import { isControlFlow, isS3Error, local } from './errors.ts';
import type { AnonInput, Session } from './generated/types.ts';
import type { SessionStorage } from './storage.ts';
import type { PatientWire, Tokens } from './transport.ts';
import { timedKey, uniqueKey } from './unique-key.ts';

/** Renewed when less than this is left, in milliseconds: 3 of 30 days, or a tenth of what a shorter-lived token was given. */
const RENEW_BEFORE = 3 * 24 * 3600 * 1000;
const RENEW_TENTH = 0.1;
/** After a failed renewal of a token that still works, the next try waits this long, in milliseconds. */
const RENEW_PAUSE = 60_000;

/** What is known of a session; a token given by the host app comes without the rest. */
type Held = { token: string; userId: string | null; expiresAt: Date | null };
/** What lies in storage: a session, or the key of a sign-up whose answer has not come yet. */
type Stored = { session?: Session; signupKey?: string };

export interface SessionDeps {
  wire: PatientWire;
  clock: Clock;
  storage: SessionStorage;
  /** Key in the storage; one per server. */
  storageKey: string;
  /** A token of the host app, which is then the only user of this client. */
  givenToken?: string | undefined;
}

export class SessionKeeper implements Tokens {
  readonly #deps: SessionDeps;
  #held: Held | null;
  #signingUp: Promise<Session> | null = null;
  #renewing: Promise<Session> | null = null;
  #nextRenewal = 0;
  #renewBefore = RENEW_BEFORE;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#held = given(deps);
  }

  async token(): Promise<string> {
    const { token, expiresAt } = this.#held ?? (await this.#signUpOnce());
    const left = expiresAt && expiresAt.getTime() - this.#deps.clock.now();
    return left === null || left > this.#renewBefore ? token : this.#renewEarly(token, left <= 0);
  }

  async replace(used: string): Promise<string> {
    if (this.#held && this.#held.token !== used) return this.#held.token;
    return (await this.#renewOnce(used)).token;
  }

  async elsewhere(used: string): Promise<string | null> {
    return (await this.#storedSince(used))?.token ?? null;
  }

  /** The current session; a new anonymous user if there never was one. */
  async establish(input?: AnonInput, signal?: AbortSignal): Promise<Session> {
    const held = this.#held;
    if (held?.userId && held.expiresAt) return held as Session;
    return abortable(held ? this.#renewOnce(held.token) : this.#signUpOnce(input), signal);
  }

  async renewNow(signal?: AbortSignal): Promise<Session> {
    const current = this.#held ?? (await abortable(this.#signUpOnce(), signal));
    return abortable(this.#renewOnce(current.token), signal);
  }

  /** Keeps a session that the server has given in place of the current one. */
  adopt(session: Session): Promise<Session> {
    return this.#exclusively(() => this.#keep(session));
  }

  /** Another tab may have forgotten this user meanwhile, and begun with another: that one's session stays, and this one is not brought back. */
  async forget(): Promise<void> {
    // What is under way would otherwise bring the session back.
    await Promise.allSettled([this.#signingUp, this.#renewing]);
    const userId = this.#held?.userId;
    this.#held = given(this.#deps);
    this.#nextRenewal = 0;
    if (this.#deps.givenToken !== undefined) return;
    await this.#exclusively(async () => {
      const stored = await this.#stored();
      if (userId && stored && stored.userId !== userId) return;
      await this.#deps.storage.remove(this.#deps.storageKey);
    });
  }

  /** @param isNew for whoever has no user yet: another tab that was quicker is joined. Else it is stored in place of the same user's only */
  async #keep(session: Session, isNew = false): Promise<Session> {
    const { clock, storage, storageKey } = this.#deps;
    const stored = await this.#stored();
    const held = (isNew && stored) || session;
    this.#held = held;
    this.#renewBefore = Math.min(RENEW_BEFORE, (held.expiresAt.getTime() - clock.now()) * RENEW_TENTH);
    if (isNew ? !stored : stored?.userId === session.userId) {
      await storage.set(storageKey, JSON.stringify({ session }));
    }
    return held;
  }

  #signUpOnce(input?: AnonInput): Promise<Session> {
    this.#signingUp ??= this.#exclusively(() => this.#signUp(input)).finally(() => {
      this.#signingUp = null;
    });
    return this.#signingUp;
  }

  /** The stored session, or a new user. The sign-up key is stored before it is used: whoever asks again gets the same user. */
  async #signUp(input: AnonInput | undefined): Promise<Session> {
    const { clock, storage, storageKey, wire } = this.#deps;
    const { session, signupKey: known } = await this.#load();
    if (session) {
      this.#held = session;
      return session;
    }
    if (storage.mayHoldUser?.() === false || isRenderedByNext()) throw noPage();
    const anon = async (signupKey: string, whenRefused?: () => Promise<Session>): Promise<Session> => {
      if (signupKey !== known) await storage.set(storageKey, JSON.stringify({ signupKey }));
      try {
        return await this.#keep(await wire('auth.anon', { ...input, idempotencyKey: signupKey }, null), true);
      } catch (error) {
        if (whenRefused && isS3Error(error, 'IDEMPOTENCY_CONFLICT')) return whenRefused();
        throw error;
      }
    };
    // A new key that is refused for its age comes from a clock that is days behind: one without a time does then.
    const anew = () => anon(timedKey(clock.now()), () => anon(uniqueKey()));
    const own = input?.idempotencyKey;
    if (own !== undefined) return anon(own);
    // No session was ever had with a key that is stored, so it may give way.
    return known === undefined ? anew() : anon(known, anew);
  }

  #renewOnce(used: string): Promise<Session> {
    this.#renewing ??= this.#exclusively(() => this.#renew(used)).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** A session newer than the one of `used`: another tab's, or a fresh one from the server. */
  async #renew(used: string): Promise<Session> {
    return (await this.#storedSince(used)) ?? this.#keep(await this.#deps.wire('auth.renew', undefined, used));
  }

  /** Renews ahead of time. A failure does not matter while the old token works. */
  async #renewEarly(old: string, expired: boolean): Promise<string> {
    const now = this.#deps.clock.now();
    if (!expired && now < this.#nextRenewal) return old;
    try {
      return (await this.#renewOnce(old)).token;
    } catch (error) {
      if (expired || isControlFlow(error)) throw error;
      this.#nextRenewal = now + RENEW_PAUSE;
      return old;
    }
  }

  /** What another tab has stored for the same user since `used`. */
  async #storedSince(used: string): Promise<Session | null> {
    const { session } = await this.#load();
    if (!session || session.token === used || session.userId !== this.#held?.userId) return null;
    this.#held = session;
    return session;
  }

  /** The session that lies there, unless it can't be read. */
  async #stored(): Promise<Session | undefined> {
    try {
      return (await this.#load()).session;
    } catch (error) {
      if (isS3Error(error)) return undefined;
      throw error;
    }
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const { storage, storageKey } = this.#deps;
    return storage.exclusive ? storage.exclusive(storageKey, work) : work();
  }

  /** Nothing for a token of the host app, which is never stored. */
  async #load(): Promise<Stored> {
    const { storage, storageKey, givenToken } = this.#deps;
    return givenToken === undefined ? readStored(await storage.get(storageKey)) : {};
  }
}

const given = ({ givenToken }: SessionDeps): Held | null =>
  givenToken === undefined ? null : { token: givenToken, userId: null, expiresAt: null };

/** What is there but can't be read may have been a user: that is an error, never a reason to make another one. */
function readStored(text: string | null): Stored {
  if (text === null) return {};
  try {
    const { signupKey, session } = JSON.parse(text);
    if (typeof signupKey === 'string') return { signupKey };
    const { token, userId } = session;
    const expiresAt = new Date(String(session.expiresAt));
    if (typeof token === 'string' && typeof userId === 'string' && !Number.isNaN(expiresAt.getTime())) {
      return { session: { userId, token, expiresAt } };
    }
  } catch {
    // As what has another shape.
  }
  throw local('TOKEN_INVALID', 'The stored session cannot be read; auth.forget() removes it', null);
}

/** Its build and its server render pages, which many people are then given. */
const isRenderedByNext = (): boolean => {
  const { env } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  return !('window' in globalThis) && (env?.NEXT_RUNTIME ?? env?.NEXT_PHASE) !== undefined;
};

const noPage = () => local('AUTH_REQUIRED', 'No anonymous user is made on a server: give auth.token', null);
