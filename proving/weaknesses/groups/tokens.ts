/** Mistakes with session tokens. */
import { server, type Weakness } from './weakness.ts';

const TOKEN = server('security/session-token');
const INIT = server('rpc/init');
const OBJECTS = server('rpc/objects');
const HANDLER = server('rpc/handler');

/** Whoever cannot be told is taken for whom this isolate saw last. */
const LAST_ONE = {
  file: TOKEN,
  find: "let check: TokenCheck = { ok: false, reason: 'invalid' };",
  replace:
    "let check: TokenCheck = [...verified.values()].map(({ claims }) => ({ ok: true as const, claims })).at(-1) ?? { ok: false, reason: 'invalid' };",
};
const bearerAlso = (where: string) => [
  {
    file: HANDLER,
    find: "(request.headers.get('authorization') ?? '')?.[1] ?? null",
    replace: `(request.headers.get('authorization') ?? '')?.[1] ?? ${where} ?? null`,
  },
];

export const TOKENS: Weakness[] = [
  {
    name: 'the payload of a token is read without its signature being checked, under any kid',
    changes: [
      {
        file: TOKEN,
        find: 'const { payload } = await jwtVerify(token, await keyOf(secret), {',
        replace:
          "const payload = ((_: object): Record<string, any> => JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))))({",
      },
      { file: TOKEN, find: '  if (!COMPACT.test(token)) return [];\n', replace: '' },
      { file: TOKEN, find: 'return secrets.filter((secret) => kidOf(secret) === kid);', replace: 'return secrets;' },
      {
        file: TOKEN,
        find: '    return [];\n  }\n  if (kid === undefined)',
        replace: '    return secrets;\n  }\n  if (kid === undefined)',
      },
    ],
    catches: [
      'tokens: alg *',
      'tokens: HS512 with the right secret',
      'tokens: HS384 with the right secret',
      'tokens: HS256 by its header, HS512 by its signature',
      'tokens: RS256 *',
      'tokens: an RSA public key as the HMAC secret',
      'tokens: ES256 with a key of the attacker',
      'tokens: a key of its own in the header (jwk)',
      'tokens: an address for its key in the header (jku, x5u)',
      'tokens: an unknown kid, with a foreign secret',
      'tokens: a kid that is *',
      'tokens: crit names an extension that nobody knows',
      'tokens: an unencoded payload (b64: false)',
      'tokens: two alg fields in one header',
      'tokens: exp as text',
      'tokens: exp that is not finite',
      'tokens: without iss',
      'tokens: a foreign iss',
      'tokens: without aud',
      'tokens: a foreign aud',
      'tokens: nbf an hour ahead',
      'tokens: expired a minute ago',
      'tokens: signed with *',
      'tokens: truncated *',
      'tokens: with an empty signature',
      'tokens: five parts, as an encrypted token has',
      "tokens: the attacker's signature under the victim's payload",
      'tokens: each character of a good token changed',
      'tokens: a token of 12 KB',
      'tokens: renewing a forged token',
      'tokens: a secret that was rotated out',
      'tokens: the kid of the current secret on a token of a foreign one',
      'tokens: the previous secret under HS512',
      'sign-up: a token whose claims of device and sign-up were changed',
    ],
  },
  {
    name: 'a token that does not end is taken',
    changes: [
      { file: TOKEN, find: "requiredClaims: ['sub', 'iat', 'exp'],", replace: "requiredClaims: ['sub', 'iat']," },
      { file: TOKEN, find: 'iat === undefined || exp === undefined', replace: 'iat === undefined' },
    ],
    catches: ['tokens: without exp', 'tokens: renewing a token without exp'],
  },
  {
    name: 'a token that does not say since when it is good is taken',
    changes: [
      { file: TOKEN, find: "requiredClaims: ['sub', 'iat', 'exp'],", replace: "requiredClaims: ['sub', 'exp']," },
      { file: TOKEN, find: 'iat === undefined || exp === undefined', replace: 'exp === undefined' },
    ],
    catches: ['tokens: without iat'],
  },
  {
    name: 'a token may come from the future',
    changes: [
      {
        file: TOKEN,
        find: "    if (iat * 1000 > now + CLOCK_SKEW_MS) return { ok: false, reason: 'invalid' };\n",
        replace: '',
      },
    ],
    catches: ['tokens: iat a year ahead, to outlive every revocation'],
  },
  {
    name: 'a token that ended within a year is taken',
    changes: [{ file: TOKEN, find: 'clockTolerance: lateSeconds,', replace: 'clockTolerance: 31_536_000,' }],
    catches: ['tokens: expired a minute ago', 'tokens: renewing a token that expired more than 30 days ago'],
  },
  {
    name: 'whom a token names may be a list',
    changes: [{ file: TOKEN, find: "typeof sub !== 'string' || ", replace: '' }],
    catches: ['tokens: sub as a list'],
  },
  {
    name: 'whoever a token names has an account from then on',
    changes: [
      { file: TOKEN, find: "requiredClaims: ['sub', 'iat', 'exp'],", replace: "requiredClaims: ['iat', 'exp']," },
      { file: TOKEN, find: "typeof sub !== 'string' || !isMintedUserId(sub) || ", replace: '' },
    ],
    catches: ['tokens: without sub', 'tokens: an empty sub', 'tokens: a sub that names nobody: *'],
  },
  {
    name: 'who shows something that is no token, or nothing, is taken for whoever came last',
    changes: [
      LAST_ONE,
      {
        file: INIT,
        find: "if (ctx.bearer === null) fail('AUTH_REQUIRED', 'a bearer token is needed', null);",
        replace: '',
      },
      { file: INIT, find: 'verifySession(ctx.bearer, ', replace: "verifySession(ctx.bearer ?? '', " },
    ],
    catches: [
      'tokens: a callback token instead',
      'tokens: the admin secret instead',
      'tokens: the JWT secret itself',
      'tokens: a watch ticket instead',
      'tokens: no token at all',
      'tRPC: a stream of the batch (trpc-accept: application/jsonl)',
    ],
  },
  {
    name: 'a token is taken from the address',
    changes: bearerAlso("new URL(request.url).searchParams.get('token')"),
    catches: ['tokens: the token in the query string'],
  },
  {
    name: 'a token is taken from a cookie',
    changes: bearerAlso("/token=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1]"),
    catches: ['tokens: the token in a cookie or another header'],
  },
  {
    name: 'a token is taken under any scheme',
    changes: bearerAlso("request.headers.get('authorization')?.split(' ').at(-1)"),
    catches: ['tokens: the token under another scheme'],
  },
  {
    name: 'a revocation ends nothing',
    changes: [
      { file: OBJECTS, find: 'if (session.issuedAt < epoch)', replace: 'if (session.issuedAt < 0)' },
      {
        file: server('durable-objects/user-limiter/access'),
        find: 'session.issuedAt < user.sessionEpoch',
        replace: '(false as boolean)',
      },
    ],
    catches: ['tokens: a revoked token, *'],
  },
  {
    name: 'a renewed token names a user of its own',
    changes: [
      {
        file: server('rpc/routers/auth'),
        find: 'signSession(userId, check.claims, Math.max(',
        replace: 'signSession(userIdFor(ctx.bearer, ctx.settings), check.claims, Math.max(',
      },
    ],
    catches: ['tokens: the previous secret, to renew into another user'],
  },
];
