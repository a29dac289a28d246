/** Mistakes with how accounts come to be: sign-ups that store nothing, the first change, what an address may have. */
import { type Bug, rpc } from '../bug.ts';

const OPENING = 'server/src/durable-objects/user-limiter/opening.ts';

export const ACCOUNTS: Bug[] = [
  {
    name: 'a sign-up opens its account before anything is done with it',
    file: 'server/src/rpc/routers/auth.ts',
    find: "      if (age === 'timeless')\n",
    replace: "      if (age !== 'late')\n",
    tests: [rpc('opening'), rpc('sign-up-keys')],
  },
  {
    name: 'a sign-up key is a credential for ever',
    file: 'server/src/domain/sign-up.ts',
    find: "  return madeAt < now - repeatMs ? 'late' : 'fresh';",
    replace: "  return 'fresh';",
    tests: [rpc('opening'), rpc('sign-up-keys')],
  },
  {
    name: 'a sign-up during a rotation is another user than before',
    file: 'server/src/security/user-id.ts',
    find: '({ jwtSecret, jwtSecretPrevious }: Settings): string => jwtSecretPrevious ?? jwtSecret;',
    replace: '({ jwtSecret }: Settings): string => jwtSecret;',
    tests: [rpc('opening'), rpc('sign-up-keys')],
  },
  {
    name: 'two first changes at once open the account twice',
    file: OPENING,
    find: '    if (this.#ports.user() === null) this.#open(signUp, credits.value);',
    replace: '    this.#open(signUp, credits.value);',
    tests: [rpc('opening'), rpc('sign-up-keys')],
  },
  {
    name: 'an account is opened although the ceilings could not be asked',
    file: OPENING,
    find: "      return refuse('SERVICE_UNAVAILABLE', 'no account can be opened now, try again', { settings: [] });",
    replace: '      return ok(claim.credits);',
    tests: [rpc('opening'), rpc('sign-up-keys'), rpc('sign-up'), rpc('turnstile')],
  },
  {
    name: 'free credits are not counted against their address',
    file: 'server/src/durable-objects/user-limiter/ceilings.ts',
    find: '      this.#ports.kept.saveGivenTo(addressMark, today, used + given);\n',
    replace: '',
    tests: [rpc('sign-up'), rpc('turnstile')],
  },
  {
    name: 'an address signs up without end where nobody asks for humans',
    file: 'server/src/rpc/rate-limit.ts',
    find: "  return wait === 0 ? 'within' : tooMany(Math.ceil(wait / 1000));",
    replace: "  return wait >= 0 ? 'within' : tooMany(Math.ceil(wait / 1000));",
    tests: [rpc('sign-up'), rpc('turnstile')],
  },
  {
    name: 'a client whose stored sign-up key is refused for its age never signs up again',
    file: 'client-sdk/src/session.ts',
    find: 'anon(known, anew)',
    replace: 'anon(known)',
    tests: ['client-sdk/test/session.test.ts'],
  },
];
