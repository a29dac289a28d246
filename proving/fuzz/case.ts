/** One fuzzing case, as data: what fast-check makes, shrinks and prints. */

/** Who calls: a fuzzing user by number, an operator, nobody, or somebody with a made-up token. */
export type Caller = { user: number } | 'operator' | 'nobody' | { token: string };

export type RpcCase = {
  kind: 'tRPC';
  path: string;
  type: 'query' | 'mutation' | 'subscription';
  caller: Caller;
  /** The wire text. `$job:N`, `$rule:N` and `$user:N` stand for ids that exist; see names.ts. */
  body: string;
};

/** What a callback shows: a credential that is good for the job, or one of the many that are not. */
export type Credential =
  | 'token'
  | 'global secret'
  | 'signature'
  | 'none'
  | 'token of another job'
  | 'altered token'
  | 'signature of another body'
  | 'old signature';

export type CallbackCase = { kind: 'callback'; job: number; credential: Credential; body: string };

/** How a token was spoilt. Only `claims` is signed with the right secret. */
export type TokenCase = {
  kind: 'token';
  user: number;
  spoil: 'claims' | 'secret' | 'character' | 'segment' | 'text';
  at: number;
  text: string;
  claims: Record<string, unknown>;
};

export type Case = RpcCase | CallbackCase | TokenCase;
