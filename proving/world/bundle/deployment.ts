/** A deployment as its users and its operator call it over HTTP. */
import { randomUUID } from 'node:crypto';
import { type CallOptions, mutationOf, queryOf } from '../calls.ts';
import { data, text, type User } from './answers.ts';
import { Http, type Reply, type Sent } from './http.ts';

export class Deployment {
  readonly url: string;
  readonly http: Http;
  readonly #operator: string | undefined;

  /** @param operator the ADMIN_SECRET in force, where there is one @param sockets connections at a time */
  constructor(url: string, operator: string | undefined, sockets?: number) {
    this.url = url;
    this.#operator = operator;
    const heard = (reply: Reply, to: string, sent: Sent) => this.heard(reply, to, sent);
    this.http = new Http({ heard, ...(sockets === undefined ? {} : { sockets }) });
  }

  /** Is told every reply, and to what. */
  protected heard(_reply: Reply, _url: string, _sent: Sent): void {}

  /** @param path below the deployment's address, or an address of its own */
  send(path: string, sent: Sent = {}): Promise<Reply> {
    return this.http.send(path.startsWith('http') ? path : `${this.url}${path}`, sent);
  }

  query(procedure: string, input?: unknown, options?: CallOptions): Promise<Reply> {
    const call = queryOf(procedure, input, options);
    return this.send(call.path, call);
  }

  mutate(procedure: string, input?: unknown, options?: CallOptions): Promise<Reply> {
    const call = mutationOf(procedure, input, options);
    return this.send(call.path, call);
  }

  /** What a procedure of operators returned. */
  async operate(procedure: string, input: unknown): Promise<unknown> {
    if (this.#operator === undefined) throw new Error('this deployment has no operator');
    return data(await this.mutate(procedure, input, { token: this.#operator }));
  }

  /** A user whose account is open: a key that does not tell its age opens it at once. */
  async signUp(input: Record<string, unknown> = {}, options: CallOptions = {}): Promise<User> {
    const made = data(await this.mutate('auth.anon', { idempotencyKey: uniqueKey(), ...input }, options));
    return { userId: text(made, 'userId'), token: text(made, 'token') };
  }

  /** A user of the pro plan: 210 credits and those that are given besides, three jobs at a time. */
  async signUpPro(credits = 0): Promise<User> {
    const user = await this.signUp();
    await this.makePro(user, credits);
    return user;
  }

  async makePro({ userId }: Pick<User, 'userId'>, credits = 0): Promise<void> {
    await this.operate('admin.setPlan', { userId, plan: 'pro' });
    if (credits === 0) return;
    const grant = { userId, amount: credits, reason: 'for its jobs', idempotencyKey: uniqueKey() };
    await this.operate('admin.grantCredits', grant);
  }
}

export const uniqueKey = (): string => `key-${randomUUID()}`;
