/** Sends a case and says what is wrong with the answer. */
import { createHmac } from 'node:crypto';
import { must } from '../attacks/attack.ts';
import { at, type Reply } from '../world/bundle/http.ts';
import { claims, hs256 } from '../world/bundle/jwt.ts';
import { signWebhook } from '../world/bundle/webhook.ts';
import type { User, World } from '../world/bundle/world.ts';
import type { CallbackCase, Caller, Case, Credential, RpcCase, TokenCase } from './case.ts';
import type { Crowd } from './crowd.ts';

/** Statuses that a client may be answered. 500 is none of them, nor is 503: nothing here is out of order or out of reach. */
const GOOD = new Set([200, 207, 400, 401, 402, 403, 404, 405, 409, 413, 414, 415, 429, 431]);
const INTERNALS = /\n\s+at |\.[jt]s:\d+|D1_ERROR|SQLITE_|"stack"|node_modules|INTERNAL_ERROR/;
/** Longest address that is sent; longer inputs of queries go as they are through POST, which queries refuse. */
const MAX_ADDRESS = 12_000;

export type Sender = { world: World; crowd: Crowd; count(kind: string, reply: Reply): void };

/** Throws a Breach that says what is wrong with the answer. */
export async function send(one: Case, sender: Sender): Promise<void> {
  const reply = await dispatch(one, sender);
  sender.count(one.kind, reply);
  const said = `${reply.status} ${reply.body.slice(0, 400)}`;
  must(GOOD.has(reply.status), `it answered ${said}`);
  must(!INTERNALS.test(reply.body), `the answer shows internals: ${said}`);
  // A subscription over HTTP is refused in the form of a stream.
  if (one.kind === 'tRPC' && one.type === 'subscription') return;
  must(reply.json !== undefined, `the answer is no JSON: ${said}`);
  if (reply.status >= 400) must(reply.code !== null, `an error has no code: ${said}`);
}

function dispatch(one: Case, sender: Sender): Promise<Reply> {
  switch (one.kind) {
    case 'tRPC':
      return sendRpc(one, sender);
    case 'callback':
      return sendCallback(one, sender);
    case 'token':
      return sendToken(one, sender);
  }
}

async function sendRpc({ path, type, caller, body }: RpcCase, { world, crowd }: Sender): Promise<Reply> {
  const text = crowd.named(body);
  const user = typeof caller === 'object' && 'user' in caller ? crowd.user(caller.user) : null;
  const token = tokenOf(caller, user, world);
  const headers = {
    'cf-connecting-ip': world.freshIp(),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const input = encodeURIComponent(text.toWellFormed());
  if (type !== 'mutation' && input.length < MAX_ADDRESS) return world.send(`/trpc/${path}?input=${input}`, { headers });
  const json = { ...headers, 'content-type': 'application/json' };
  const reply = await world.send(`/trpc/${path}`, { method: 'POST', headers: json, body: text });
  if (reply.status === 200) crowd.learn(path, user, reply.json);
  return reply;
}

function tokenOf(caller: Caller, user: User | null, world: World): string | null {
  if (user !== null) return user.token;
  if (caller === 'operator') return world.setting('ADMIN_SECRET');
  if (caller === 'nobody' || 'user' in caller) return null;
  return caller.token;
}

const AUTHENTIC: ReadonlySet<Credential> = new Set(['token', 'global secret', 'signature']);

async function sendCallback({ job: n, credential, body }: CallbackCase, { world, crowd }: Sender): Promise<Reply> {
  const job = crowd.job(n);
  const text = crowd.named(body);
  const headers = credentialFor(credential, text, job.token, crowd.job(n + 1).token, world);
  const reply = await world.jobs.report(job, text, headers);
  if (!AUTHENTIC.has(credential))
    must(reply.status === 401, `with ${credential} it answered ${reply.status} ${reply.body}`);
  return reply;
}

function credentialFor(
  kind: Credential,
  body: string,
  token: string,
  other: string,
  world: World,
): Record<string, string> {
  switch (kind) {
    case 'token':
      return { authorization: `Bearer ${token}` };
    case 'global secret':
      return { 'x-callback-secret': world.setting('GPU_CALLBACK_SECRET') };
    case 'signature':
      return signWebhook(body.toWellFormed(), { key: token });
    case 'none':
      return {};
    case 'token of another job':
      return { authorization: `Bearer ${other}` };
    case 'altered token':
      return { authorization: `Bearer ${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}` };
    case 'signature of another body':
      return signWebhook(`${body.toWellFormed()} `, { key: token });
    case 'old signature':
      return signWebhook(body.toWellFormed(), { key: token, offset: -400 });
  }
}

async function sendToken(one: TokenCase, { world, crowd }: Sender): Promise<Reply> {
  const { userId, token: good } = crowd.user(one.user);
  const secret = world.setting('JWT_SECRET');
  const token = spoiltToken(one, userId, good, secret);
  const reply = await world.send('/trpc/user.me', { headers: { authorization: `Bearer ${token}` } });
  // With the right secret a token may well be good; then it is so for whom it names.
  const mayPass = one.spoil === 'claims' || token === good;
  if (!mayPass) must(reply.status === 401, `a token spoilt in its ${one.spoil} answered ${reply.status}: ${token}`);
  if (reply.status === 200) {
    const shown = at(reply.json, 'result', 'data', 'json', 'userId');
    must(shown === (one.claims.sub ?? userId), `a token of ${String(one.claims.sub ?? userId)} shows ${String(shown)}`);
  }
  return reply;
}

function spoiltToken(
  { spoil, at: place, text, claims: change }: TokenCase,
  userId: string,
  good: string,
  secret: string,
): string {
  switch (spoil) {
    case 'claims':
      return hs256(secret, { ...claims(userId), ...change });
    case 'secret':
      return hs256(createHmac('sha256', 'wrong').update(text).digest('hex'), claims(userId, 0, change));
    case 'text':
      return encodeURIComponent(text) || 'x';
    case 'segment': {
      const parts = good.split('.');
      parts[place % 3] = Buffer.from(text).toString('base64url');
      return parts.join('.');
    }
    case 'character': {
      const from = place % (good.lastIndexOf('.') + 40);
      return `${good.slice(0, from)}${good[from] === 'A' ? 'Q' : 'A'}${good.slice(from + 1)}`;
    }
  }
}
