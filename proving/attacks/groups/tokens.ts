/** Tokens: forged, altered, old, revoked, and things that are no session token at all. RFC 8725 is the list that this follows. */
import { createHash } from 'node:crypto';
import type { Reply } from '../../world/bundle/http.ts';
import { claims, compact, ecdsa, ecPair, hmac, hs256, rsa, rsaPair } from '../../world/bundle/jwt.ts';
import { data, text, type World } from '../../world/bundle/world.ts';
import { PREVIOUS_JWT_SECRET } from '../../world/bundle/worlds.ts';
import { passes } from '../../world/clock.ts';
import { answers, Group, must } from '../attack.ts';

export const tokens = new Group('tokens');
const INVALID = answers(401, 'TOKEN_INVALID');
const EXPIRED = answers(401, 'TOKEN_EXPIRED');
const MISSING = answers(401, 'AUTH_REQUIRED');

const RULE = { name: 'Taken', presetId: 'interior', concepts: { Wall: { action: 'remove' } } };

/** What a token is good for: one read and one write. */
export async function use(world: World, token: string): Promise<Reply[]> {
  return [await world.query('user.me', undefined, { token }), await world.mutate('rules.create', RULE, { token })];
}

type Make = (world: World, secret: string, victim: string) => string;

/** A token in the victim's name that must not be good. */
function forged(name: string, make: Make, answer = INVALID): void {
  tokens.attack(name, answer, (world) => use(world, make(world, world.setting('JWT_SECRET'), world.victim.userId)));
}

forged('alg none, without a signature', (_, __, victim) => compact({ alg: 'none' }, claims(victim), () => ''));
forged('alg none, with a good signature', (_, secret, victim) =>
  compact({ alg: 'none', typ: 'JWT' }, claims(victim), hmac(secret)),
);
forged('alg None in other letters', (_, __, victim) => compact({ alg: 'nOnE' }, claims(victim), () => ''));
forged('HS512 with the right secret', (_, secret, victim) =>
  compact({ alg: 'HS512' }, claims(victim), hmac(secret, 'sha512')),
);
forged('HS384 with the right secret', (_, secret, victim) =>
  compact({ alg: 'HS384' }, claims(victim), hmac(secret, 'sha384')),
);
forged('HS256 by its header, HS512 by its signature', (_, secret, victim) =>
  compact({ alg: 'HS256' }, claims(victim), hmac(secret, 'sha512')),
);
forged('RS256 confusion: the header says RS256, the signature is HMAC', (_, secret, victim) =>
  compact({ alg: 'RS256', typ: 'JWT' }, claims(victim), hmac(secret)),
);
forged('RS256 with a key of the attacker', (_, __, victim) =>
  compact({ alg: 'RS256', typ: 'JWT' }, claims(victim), rsa(rsaPair().privateKey)),
);
forged('an RSA public key as the HMAC secret', (_, __, victim) =>
  hs256(rsaPair().publicKey.export({ type: 'spki', format: 'pem' }).toString(), claims(victim)),
);
forged('ES256 with a key of the attacker', (_, __, victim) =>
  compact({ alg: 'ES256', typ: 'JWT' }, claims(victim), ecdsa(ecPair().privateKey)),
);
forged('a key of its own in the header (jwk)', (_, __, victim) => {
  const { privateKey, publicKey } = ecPair();
  return compact({ alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) }, claims(victim), ecdsa(privateKey));
});
forged('an address for its key in the header (jku, x5u)', (world, _, victim) =>
  hs256('attacker', claims(victim), { jku: `${world.gpu.internalUrl}/jwks`, x5u: `${world.gpu.internalUrl}/x5u` }),
);
forged('an unknown kid, with a foreign secret', (_, __, victim) =>
  hs256('some-secret-that-was-never-ours', claims(victim), { kid: 'unknown' }),
);
forged('a kid that is a path, with an empty secret', (_, __, victim) =>
  hs256('\0', claims(victim), { kid: '../../../../dev/null' }),
);
forged('a kid that is SQL', (_, __, victim) =>
  hs256('attacker', claims(victim), { kid: "x' UNION SELECT 'attacker' --" }),
);
forged('a kid that is __proto__', (_, __, victim) => hs256('attacker', claims(victim), { kid: '__proto__' }));
forged('a kid that is no text, with a foreign secret', (_, __, victim) =>
  hs256('attacker', claims(victim), { kid: { toString: 'x' } }),
);
forged('crit names an extension that nobody knows', (_, secret, victim) =>
  hs256(secret, claims(victim), { crit: ['x-admin'], 'x-admin': true }),
);
forged('an unencoded payload (b64: false)', (_, secret, victim) =>
  hs256(secret, claims(victim), { crit: ['b64'], b64: false }),
);
forged('two alg fields in one header', (_, __, victim) =>
  compact('{"alg":"HS256","alg":"none"}', claims(victim), () => ''),
);
forged('without exp', (_, secret, victim) => hs256(secret, claims(victim, 0, { exp: undefined })));
forged('exp as text', (_, secret, victim) => hs256(secret, claims(victim, 0, { exp: '9999999999' })));
forged('exp that is not finite', (_, secret, victim) => hs256(secret, claims(victim, 0, { exp: null })));
forged('without iat', (_, secret, victim) => hs256(secret, claims(victim, 0, { iat: undefined })));
forged('iat a year ahead, to outlive every revocation', (_, secret, victim) => {
  const iat = Math.floor(Date.now() / 1000) + 365 * 86_400;
  return hs256(secret, claims(victim, 0, { iat, exp: iat + 3600 }));
});
forged('without sub', (_, secret, victim) => hs256(secret, claims(victim, 0, { sub: undefined })));
forged('an empty sub', (_, secret) => hs256(secret, claims('')));
forged('sub as a list', (_, secret, victim) => hs256(secret, claims(victim, 0, { sub: [victim] })));
forged('without iss', (_, secret, victim) => hs256(secret, claims(victim, 0, { iss: undefined })));
forged('a foreign iss', (_, secret, victim) => hs256(secret, claims(victim, 0, { iss: 'https://evil.test' })));
forged('without aud', (_, secret, victim) => hs256(secret, claims(victim, 0, { aud: undefined })));
forged('a foreign aud', (_, secret, victim) => hs256(secret, claims(victim, 0, { aud: 's3-admin' })));
forged('nbf an hour ahead', (_, secret, victim) =>
  hs256(secret, claims(victim, 0, { nbf: Math.floor(Date.now() / 1000) + 3600 })),
);
forged(
  'expired a minute ago',
  (_, secret, victim) => hs256(secret, claims(victim, 3600, { exp: Math.floor(Date.now() / 1000) - 60 })),
  EXPIRED,
);
forged('signed with another secret', (_, __, victim) => hs256('another-secret-of-more-than-32-bytes', claims(victim)));
forged('signed with an empty secret', (_, __, victim) => hs256('', claims(victim)));
forged('signed with the hash of the secret', (_, secret, victim) =>
  hs256(createHash('sha256').update(secret).digest('hex'), claims(victim)),
);
forged('truncated in the signature', (world) => world.victim.token.slice(0, -4));
forged('truncated to header and payload', (world) => world.victim.token.split('.').slice(0, 2).join('.'));
forged('with an empty signature', (world) => `${world.victim.token.split('.').slice(0, 2).join('.')}.`);
forged(
  'five parts, as an encrypted token has',
  (world) => `${world.victim.token}.${world.victim.token.split('.')[1]}.x`,
);
forged("the attacker's signature under the victim's payload", (world) => {
  const [header, payload] = world.victim.token.split('.');
  return `${header}.${payload}.${world.attacker.token.split('.')[2]}`;
});
forged('a callback token instead', (world) => (world.victim.jobs.running as { token?: string }).token ?? '');
forged('the admin secret instead', (world) => world.setting('ADMIN_SECRET'));
forged('the JWT secret itself', (_, secret) => secret);

tokens.attack('a watch ticket instead', INVALID, async (world) => {
  const { victim } = world;
  const seen = data(await world.query('jobs.get', { jobId: victim.jobs.created.jobId }, { token: victim.token }));
  return use(world, text(seen, 'ticket'));
});

tokens.attack(
  'each character of a good token changed',
  INVALID,
  async (world) => {
    const { token } = world.victim;
    const replies: Reply[] = [];
    for (let at = 0; at < token.length; at++) {
      replies.push(await world.query('user.me', undefined, { token: flipped(token, at) }));
    }
    must(replies.length > 150, `only ${replies.length} characters were changed`);
    return replies;
  },
  { long: true },
);

/** The character at `at` replaced by another one that a token may hold. */
function flipped(token: string, at: number): string {
  const other = token[at] === 'A' ? 'Q' : 'A';
  return `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
}

// An id of the form that a sign-up makes would be somebody's, signed as it is with the right secret.
for (const sub of ['usr_AAAAAAAAAAAAAAAAAAAAA', '__proto__', 'constructor', '../admin']) {
  tokens.attack(
    `a sub that names nobody: ${sub}`,
    INVALID,
    async (world) => {
      const replies = await use(world, hs256(world.setting('JWT_SECRET'), claims(sub)));
      const storage = await world.production.objectStorage('USER_LIMITER', { name: sub });
      const tables = await storage.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_*'");
      must(tables.length === 0, `an object was made for ${sub}`);
      return replies;
    },
    // Asking an object whether it has a user opens it; nothing is stored in it.
    { changes: [/^object\/user\//] },
  );
}

tokens.attack('no token at all', MISSING, async (world) => [
  await world.query('user.me'),
  await world.mutate('rules.create', RULE),
]);
tokens.attack('the token in the query string', MISSING, async (world) => {
  const { token } = world.victim;
  const params = encodeURIComponent(JSON.stringify({ authorization: `Bearer ${token}` }));
  return Promise.all(
    [`token=${token}`, `access_token=${token}`, `authorization=Bearer%20${token}`, `connectionParams=${params}`].map(
      (query) => world.send(`/trpc/user.me?${query}`),
    ),
  );
});
tokens.attack('the token in a cookie or another header', MISSING, async (world) => {
  const { token } = world.victim;
  const given = [{ cookie: `token=${token}; authorization=Bearer ${token}` }, { 'x-auth-token': token }];
  return Promise.all(
    [...given, { 'proxy-authorization': `Bearer ${token}` }].map((headers) =>
      world.query('user.me', undefined, { headers }),
    ),
  );
});
tokens.attack('the token under another scheme', MISSING, async (world) => {
  const { token } = world.victim;
  const basic = Buffer.from(`${world.victim.userId}:${token}`).toString('base64');
  const given = [`Basic ${basic}`, `Token ${token}`, token, `Bearer ${token} ${token}`, 'Bearer ', 'Bearer'];
  return Promise.all(given.map((authorization) => world.query('user.me', undefined, { headers: { authorization } })));
});
tokens.attack('a token of 12 KB', INVALID, (world) => use(world, `${world.victim.token}${'A'.repeat(12_000)}`));

tokens.staged('a revoked token, to write with', INVALID, async (world) => {
  const { token } = await world.signUp();
  data(await world.mutate('auth.revoke', undefined, { token }));
  return () => world.mutate('rules.create', RULE, { token });
});
tokens.staged('a revoked token, to renew', INVALID, async (world) => {
  const { token } = await world.signUp();
  data(await world.mutate('auth.revoke', undefined, { token }));
  return () => world.mutate('auth.renew', undefined, { token });
});
tokens.staged(
  'a revoked token, to read with, once a minute-old answer is too old',
  INVALID,
  async (world) => {
    const { token } = await world.signUp();
    data(await world.query('user.me', undefined, { token }));
    data(await world.mutate('auth.revoke', undefined, { token }));
    await passes(1100);
    return () => world.query('user.me', undefined, { token });
  },
  { world: 'short' },
);
tokens.attack('renewing a forged token', INVALID, (world) =>
  world.mutate('auth.renew', undefined, {
    token: hs256('another-secret-of-more-than-32-bytes', claims(world.victim.userId)),
  }),
);
tokens.attack('renewing a token without exp', INVALID, (world) =>
  world.mutate('auth.renew', undefined, {
    token: hs256(world.setting('JWT_SECRET'), claims(world.victim.userId, 0, { exp: undefined })),
  }),
);
tokens.attack('renewing a token that expired more than 30 days ago', EXPIRED, (world) => {
  const exp = Math.floor(Date.now() / 1000) - 30 * 86_400 - 60;
  const token = hs256(world.setting('JWT_SECRET'), claims(world.victim.userId, 70 * 86_400, { exp }));
  return world.mutate('auth.renew', undefined, { token });
});

tokens.staged(
  'a secret that was rotated out',
  INVALID,
  async (world) => {
    const { userId } = await world.signUp();
    return () =>
      use(world, hs256('attack-secret-rotated-out-long-ago-for-tests', claims(userId), { kid: 'rotated-out' }));
  },
  { world: 'closed' },
);
tokens.staged(
  'the kid of the current secret on a token of a foreign one',
  INVALID,
  async (world) => {
    const { userId, token } = await world.signUp();
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    return () => use(world, hs256('some-secret-that-was-never-ours', claims(userId), header));
  },
  { world: 'closed' },
);
tokens.staged(
  'the previous secret under HS512',
  INVALID,
  async (world) => {
    const { userId } = await world.signUp();
    return () => use(world, compact({ alg: 'HS512' }, claims(userId), hmac(PREVIOUS_JWT_SECRET, 'sha512')));
  },
  { world: 'closed' },
);
tokens.staged(
  'the previous secret, to renew into another user',
  answers(200),
  async (world) => {
    const { userId } = await world.signUp();
    return async () => {
      const reply = await world.mutate('auth.renew', undefined, { token: hs256(PREVIOUS_JWT_SECRET, claims(userId)) });
      must(text(data(reply), 'userId') === userId, 'the renewed token is for somebody else');
      return reply;
    };
  },
  { world: 'closed' },
);
