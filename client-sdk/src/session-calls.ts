/**
 * Any procedure as the client itself calls it, whoever asks: its own methods, `./trpc` and `./react`. Those that give or end a session
 * leave this client with the right one.
 */
import type { AnyCall } from './api/calls.ts';
import type { ProcedurePath } from './generated/procedures.ts';
import type { AnonInput, Session } from './generated/types.ts';
import type { SessionKeeper } from './session.ts';
import type { Call } from './transport.ts';

export function sessionCalls(call: Call, keeper: SessionKeeper): AnyCall {
  const plain = call as AnyCall;
  const own: { readonly [P in ProcedurePath]?: AnyCall } = {
    'auth.anon': (_, input, options) => keeper.establish(input as AnonInput | undefined, options?.signal),
    'auth.renew': (_, __, options) => keeper.renewNow(options?.signal),
    'auth.revoke': async (...asked) => keeper.adopt((await plain(...asked)) as Session),
    'user.delete': async (...asked) => {
      const deleted = await plain(...asked);
      await keeper.forget();
      return deleted;
    },
  };
  return (path, ...rest) => (own[path] ?? plain)(path, ...rest);
}
