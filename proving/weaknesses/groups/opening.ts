/** Mistakes with how accounts are opened, and with what an address may have. */
import { server, type Weakness } from './weakness.ts';

const AUTH = server('rpc/routers/auth');

export const OPENING: Weakness[] = [
  {
    name: 'a sign-up opens its account',
    changes: [{ file: AUTH, find: "if (age === 'timeless')", replace: "if (age !== 'late')" }],
    catches: ['sign-up: a thousand visitors who sign up and look around leave nothing behind'],
    got: /it changed (user|d1\/users)\//,
  },
  {
    name: 'an account is opened for a job that it cannot have',
    changes: [
      {
        file: server('durable-objects/user-limiter/holds'),
        find: 'const opened = possible.ok ? await this.#ports.opened(session) : possible;',
        replace: 'const opened = await this.#ports.opened(session);',
      },
    ],
    catches: ['sign-up: jobs that no new account could have, and calls that name nothing: none opens one'],
    got: /it changed (user|d1\/users)\//,
  },
  {
    name: 'one rule more than the plan has slots',
    changes: [{ file: server('domain/rule-slots'), find: 'if (used < limit)', replace: 'if (used <= limit)' }],
    catches: ['sign-up: fifty first changes of one account at once: opened once, ten credits'],
    got: /not just the two rules/,
  },
  {
    name: 'what an address has had is not looked at',
    changes: [
      {
        file: server('durable-objects/user-limiter/ceilings'),
        find: 'if (addressMark !== null && !fits(used, credits, ceiling.addressCredits)) return 0;',
        replace: '',
      },
    ],
    catches: [
      'sign-up: one address that opens account after account: fifty credits a day',
      'sign-up: sign-ups from many addresses, opened from one: fifty credits a day',
    ],
    got: /they were granted 80/,
  },
  {
    name: 'sign-ups of an hour are not bounded',
    changes: [
      { file: server('rpc/hourly-count'), find: 'if (known.count >= limit) return known.endsAt - now;', replace: '' },
    ],
    catches: ['sign-up: more sign-ups of one address than an hour has, at any pace'],
  },
  {
    name: 'a sign-up key that tells its age is good for ever',
    changes: [{ file: AUTH, find: "if (age === 'late') throw new ApiError(usedLongAgo().refusal);", replace: '' }],
    catches: [
      'sign-up: a sign-up key of two days ago, which nobody remembers',
      'sign-up: the key of an account, after its time',
    ],
  },
];
