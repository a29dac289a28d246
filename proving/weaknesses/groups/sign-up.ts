/** Mistakes with sign-ups, ceilings and money. */
import { server, type Weakness } from './weakness.ts';

const AUTH = server('rpc/routers/auth');
const LEDGER = server('domain/ledger');
const CEILINGS = server('durable-objects/user-limiter/ceilings');
const TURNSTILE = server('security/turnstile');
const LIMITS = server('contract/limits');

export const SIGN_UP: Weakness[] = [
  {
    name: 'sign-ups are not counted',
    changes: [
      {
        file: AUTH,
        find: 'const rate = await countSignUp(ctx.env.SIGNUP_LIMIT, address, settings);',
        replace:
          "const rate = settings.turnstile.secret === null ? 'within' : await countSignUp(ctx.env.SIGNUP_LIMIT, address, settings);",
      },
    ],
    catches: [
      'sign-up: 1,000 sign-ups from one IP',
      'sign-up: 1,000 sign-ups from one IPv6 /64, each from another address',
      'sign-up: sign-ups under forged X-Forwarded-For, X-Real-IP and True-Client-IP',
      'sign-up: a batch of 20 sign-ups counts as 20',
    ],
  },
  {
    name: 'a whole IPv6 address is counted',
    changes: [{ file: server('security/client-address'), find: 'const NETWORK = 4;', replace: 'const NETWORK = 8;' }],
    catches: ['sign-up: 1,000 sign-ups from one IPv6 /64, each from another address'],
  },
  {
    name: 'the address of a client is what the client says',
    changes: [
      {
        file: server('rpc/handler'),
        find: "request.headers.get('cf-connecting-ip')",
        replace: "request.headers.get('x-forwarded-for') ?? request.headers.get('cf-connecting-ip')",
      },
    ],
    catches: ['sign-up: sign-ups under forged X-Forwarded-For, X-Real-IP and True-Client-IP'],
  },
  {
    name: 'mutations are not counted',
    changes: [
      {
        file: server('rpc/init'),
        find: "if (type === 'mutation') await countAgainst",
        replace: 'if (false as boolean) await countAgainst',
      },
    ],
    catches: ['sign-up: mutations beyond the limit of a user, one by one and in batches'],
  },
  {
    name: 'a device has its credits with each account',
    changes: [{ file: CEILINGS, find: 'if (owner !== null && owner !== userId) return 0;', replace: '' }],
    catches: [
      'sign-up: a device that signs up again gets a new account without credits',
      'sign-up: twenty sign-ups of one device at once: ten credits in all',
    ],
  },
  {
    name: 'a sign-up key opens an account each time',
    changes: [
      {
        file: AUTH,
        find: 'userIdFor(key ?? crypto.randomUUID(), settings)',
        replace: 'userIdFor(crypto.randomUUID(), settings)',
      },
    ],
    catches: ['sign-up: one sign-up key fifty times at once: one user, ten credits'],
  },
  {
    name: 'a sign-up key is good for ever',
    changes: [
      {
        file: server('durable-objects/user-limiter/opening'),
        find: 'this.#ports.now() - known.createdAt <=',
        replace: '0 * known.createdAt <=',
      },
    ],
    catches: ['sign-up: a sign-up key long after its day'],
  },
  {
    name: 'a sign-up key may be short, a device hash long',
    changes: [
      { file: LIMITS, find: 'SIGNUP_KEY = { min: 32,', replace: 'SIGNUP_KEY = { min: 1,' },
      { file: LIMITS, find: 'MAX_DEVICE_HASH = 128', replace: 'MAX_DEVICE_HASH = 4096' },
    ],
    catches: ['sign-up: sign-up keys that can be guessed', 'sign-up: device hashes beyond their limits'],
  },
  {
    name: 'a sign-up may ask for its plan',
    changes: [
      {
        file: server('contract/auth'),
        find: '    deviceHash: z.optional(',
        replace: "    plan: z.optional(z.enum(['pro'])),\n    deviceHash: z.optional(",
      },
      {
        file: AUTH,
        find: '      return signSession(userId, claims, now, settings);',
        replace:
          "      if (input.plan) await withUser(ctx, userId, (user) => user.setPlan(userId, 'pro'));\n      return signSession(userId, claims, now, settings);",
      },
    ],
    catches: ['sign-up: a sign-up that asks for a plan, credits or a user id'],
  },
  {
    name: 'what goes beyond a ceiling is what comes after it',
    changes: [{ file: server('domain/ceilings'), find: 'used + amount <= ceiling', replace: 'used <= ceiling' }],
    catches: [
      'sign-up: sign-ups beyond the daily ceiling of credits are taken and get none',
      'sign-up: a dispatch beyond the daily ceiling of photos',
      "legal calls: everybody's day used up by many: CEILING_REACHED until midnight, and the job waits with its credits held",
    ],
  },
  {
    name: 'who brings no Turnstile token is not asked for one',
    changes: [{ file: TURNSTILE, find: "return 'missing';", replace: "return 'passed';" }],
    catches: ['sign-up: a sign-up without a Turnstile token, beyond the burst of its address'],
  },
  {
    name: 'whom Turnstile refuses may sign up',
    changes: [{ file: TURNSTILE, find: "return 'refused';", replace: "return 'passed';" }],
    catches: [
      'sign-up: a sign-up with a Turnstile token that is wrong, beyond the burst of its address',
      'sign-up: a Turnstile token that was used before, for another sign-up',
    ],
  },
  {
    name: 'while Turnstile is in trouble everybody is human',
    changes: [{ file: TURNSTILE, find: "    return 'unreachable';", replace: "    return 'passed';" }],
    catches: ['sign-up: a sign-up while Turnstile is in trouble: *'],
  },
  {
    name: 'one job more than the plan allows',
    changes: [{ file: LEDGER, find: 'taking.length >= plan.activeJobs', replace: 'taking.length > plan.activeJobs' }],
    catches: ['sign-up: fifty jobs at once on a plan of one'],
  },
  {
    name: 'a repeated reservation holds again',
    changes: [
      {
        file: LEDGER,
        find: 'return ok({ account, hold: existing, changed: false });',
        replace:
          'const { amount } = command;\n    return ok({ account: { ...account, balance: account.balance - amount, held: account.held + amount }, hold: existing, changed: true });',
      },
    ],
    catches: ['sign-up: one key for fifty creates at once: one job'],
    got: /credits are held more than once/,
  },
  {
    name: 'a key used again says nothing of the photos',
    changes: [
      {
        file: LEDGER,
        find: 'if (existing.amount !== command.amount || existing.preset !== command.preset) {',
        replace: 'if (false as boolean) {',
      },
      { file: server('domain/job/create'), find: 'const same =\n', replace: 'const same = true ||\n' },
    ],
    catches: ['sign-up: a key used again for other photos'],
  },
  {
    name: 'what a job lacks in credits is given to it',
    changes: [
      { file: LEDGER, find: 'if (account.balance < photos) {', replace: 'if (account.balance < 0) {' },
      {
        file: LEDGER,
        find: 'balance: account.balance - command.amount,',
        replace:
          'balance: Math.max(0, account.balance - command.amount), granted: account.granted + Math.max(0, command.amount - account.balance),',
      },
    ],
    catches: ['sign-up: more photos than the plan takes, and than there are credits'],
  },
  {
    name: 'each cancel refunds',
    changes: [
      {
        file: server('domain/job/transitions'),
        find: "cancel: { repeated: 'answered', otherwise: 'ALREADY_CANCELED' },",
        replace: "cancel: 'allowed',",
      },
      {
        file: server('durable-objects/user-limiter/holds'),
        find: 'const { account, hold: settled, changed } = decision.value;',
        replace:
          'const { account, hold: settled, changed } = decision.value;\n    const again = hold.settledAt === null ? 0 : hold.amount;\n    if (again > 0) this.#ports.saveAccount({ ...user.account, balance: user.account.balance + again, granted: user.account.granted + again }, user);',
      },
    ],
    catches: ['sign-up: twenty cancels at once refund once'],
    got: /the refund is not what was held|does not add up/,
  },
  {
    name: 'a canceled job is charged for all of its photos',
    changes: [
      {
        file: server('domain/job/ending'),
        find: 'decided(charge(ended, 0, now, settings), null, [event])',
        replace: 'decided(charge(ended, job.photos.length, now, settings), null, [event])',
      },
      {
        file: server('domain/job/ending'),
        find: 'return decided(charge(counted, count(done), now, settings), null, events);',
        replace: 'return decided(charge(counted, job.photos.length, now, settings), null, events);',
      },
    ],
    catches: ['sign-up: cancel and results at once: each photo charged or refunded, once'],
    got: /^spent 4/,
  },
  {
    name: 'an operator grants as often as he asks',
    changes: [
      {
        file: server('durable-objects/user-limiter/operator'),
        find: 'this.#grantOnce(user, user.account, `admin:${key}`',
        replace: 'this.#grantOnce(user, user.account, `admin:${key}:${Math.random()}`',
      },
    ],
    catches: ['sign-up: an admin grant with a key used before: granted once'],
    got: /it was granted more than once/,
  },
];
