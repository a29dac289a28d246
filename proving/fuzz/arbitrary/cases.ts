/** The cases: calls of every procedure, callbacks, and tokens. */
import fc from 'fast-check';
import { callbackBatch, callbackSingle } from '../../../server/src/contract/callback.ts';
import type { Procedure } from '../../attacks/router.ts';
import type { CallbackCase, Caller, Case, Credential, RpcCase, TokenCase } from '../case.ts';
import { fromSchema, type Json } from './from-schema.ts';
import { oddMeta, spoilt, spoiltText } from './spoil.ts';

/** Procedures whose every success leaves something behind for good, or reads everything: called less often. */
const RARE: Record<string, number> = {
  'auth.anon': 1,
  'user.delete': 1,
  'admin.deleteUser': 1,
  'admin.reconcile': 1,
  'admin.requeue': 2,
  'jobs.delete': 3,
};
const USUAL = 8;

export function casesOf(procedures: readonly Procedure[]): fc.Arbitrary<Case> {
  const calls = procedures.map((one) => ({ weight: RARE[one.path] ?? USUAL, arbitrary: rpcCase(one) }));
  return fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...calls) },
    { weight: 3, arbitrary: callbackCase() },
    { weight: 1, arbitrary: tokenCase() },
  );
}

const user: fc.Arbitrary<Caller> = fc.record({ user: fc.nat(63) });
const anybody: fc.Arbitrary<Caller> = fc.oneof(
  { weight: 14, arbitrary: user },
  { weight: 1, arbitrary: fc.constant<Caller>('nobody') },
  { weight: 1, arbitrary: fc.record({ token: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 }) }) },
);
const operator: fc.Arbitrary<Caller> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Caller>('operator') },
  { weight: 1, arbitrary: user },
);

function rpcCase({ path, type, input }: Procedure): fc.Arbitrary<RpcCase> {
  const fitting = (input === null ? fc.constant(undefined) : fromSchema(input)).map((value) => value ?? {});
  const wire = (json: fc.Arbitrary<Json>) => json.map((value) => JSON.stringify({ json: value }));
  const body = fc.oneof(
    { weight: 5, arbitrary: wire(fitting) },
    { weight: 5, arbitrary: wire(spoilt(fitting)) },
    { weight: 2, arbitrary: fc.record({ json: spoilt(fitting), meta: oddMeta }).map((all) => JSON.stringify(all)) },
    { weight: 1, arbitrary: fc.record({ json: fitting, meta: oddMeta }).map((all) => JSON.stringify(all)) },
    { weight: 2, arbitrary: spoiltText(wire(fitting)) },
    { weight: 1, arbitrary: wire(fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>) },
  );
  const caller = path.startsWith('admin.') ? operator : anybody;
  return fc.record({
    kind: fc.constant('tRPC' as const),
    path: fc.constant(path),
    type: fc.constant(type),
    caller,
    body,
  });
}

const CREDENTIALS: readonly { weight: number; value: Credential }[] = [
  { weight: 8, value: 'token' },
  { weight: 2, value: 'global secret' },
  { weight: 3, value: 'signature' },
  { weight: 1, value: 'none' },
  { weight: 1, value: 'token of another job' },
  { weight: 1, value: 'altered token' },
  { weight: 1, value: 'signature of another body' },
  { weight: 1, value: 'old signature' },
];

function callbackCase(): fc.Arbitrary<CallbackCase> {
  const single = fromSchema(callbackSingle).map((value) => value ?? {});
  const batch = fromSchema(callbackBatch).map((value) => value ?? {});
  // Most schemas' values miss the job's few photos and its own keys; these do not.
  const likely = fc.record({ idx: fc.nat(13), status: fc.constantFrom<Json[]>('done', 'completed', 'failed') });
  const fitting: fc.Arbitrary<Json> = fc.oneof(
    single,
    batch,
    likely,
    fc.array(likely, { minLength: 1, maxLength: 6 }).map((items) => ({ items })),
  );
  const text = (json: fc.Arbitrary<Json>) => json.map((value) => JSON.stringify(value));
  const body = fc.oneof(
    { weight: 4, arbitrary: text(fitting) },
    { weight: 4, arbitrary: text(spoilt(fitting)) },
    { weight: 2, arbitrary: spoiltText(text(fitting)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
  const credential = fc.oneof(...CREDENTIALS.map(({ weight, value }) => ({ weight, arbitrary: fc.constant(value) })));
  return fc.record({ kind: fc.constant('callback' as const), job: fc.nat(63), credential, body });
}

function tokenCase(): fc.Arbitrary<TokenCase> {
  const claim = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 20 }),
    fc.constant(null),
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc.record({
    kind: fc.constant('token' as const),
    user: fc.nat(63),
    spoil: fc.constantFrom<TokenCase['spoil'][]>('claims', 'secret', 'character', 'segment', 'text'),
    at: fc.nat(400),
    text: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
    claims: fc.dictionary(
      fc.constantFrom('sub', 'iss', 'aud', 'iat', 'exp', 'nbf', 'kid', 'role', '__proto__'),
      claim,
      { maxKeys: 4 },
    ),
  });
}
