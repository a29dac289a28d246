/**
 * Proof that this package and the server's router speak of the same things. Checked by the compiler with the Workers' types
 * (the tsconfig.json beside this file), since the router's type cannot be had without them; the rest of the package needs none.
 */
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { ConceptAction } from '../../../server/src/contract/concepts.ts';
import type { AppRouter } from '../../../server/src/rpc/router.ts';
import type { ConceptAction as OurConceptAction } from '../../src/concepts.ts';
import type { PROCEDURES, Procedures } from '../../src/procedures.ts';

/** Not for this package: operators' calls, and the live subscription until it has a client. */
type NotOurs = `admin.${string}` | 'jobs.watch';

/** `{ a: { b: X } }` → `{ 'a.b': X }`, as the paths of procedures are written. */
type Flat<Tree> = {
  [Path in { [G in keyof Tree & string]: `${G}.${keyof Tree[G] & string}` }[keyof Tree &
    string]]: Path extends `${infer G}.${infer N}`
    ? G extends keyof Tree
      ? N extends keyof Tree[G]
        ? Tree[G][N]
        : never
      : never
    : never;
};
type Inputs = Flat<inferRouterInputs<AppRouter>>;
type Outputs = Flat<inferRouterOutputs<AppRouter>>;

/** Whether the two are one type, optional fields included, which mutual assignability would let pass. */
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;
/** Intersections and interfaces written out. */
type Plain<T> = T extends Date ? T : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
/** An input that may be left out is `void` on their side and `undefined` on ours. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what tRPC infers
type Given<Input> = Exclude<Input, void | undefined>;
type MayBeLeftOut<Input> = undefined extends Input ? true : false;
type SameInput<Theirs, Ours> = [Same<Given<Theirs>, Given<Ours>>, MayBeLeftOut<Theirs>] extends [
  true,
  MayBeLeftOut<Ours>,
]
  ? true
  : false;

type KindOf<Procedure> = Procedure extends { _def: { type: infer Kind } } ? Kind : 'unknown';

/** The names of all that differ; `never` when all agree. */
type Differences = {
  missing: Exclude<Exclude<keyof Inputs, NotOurs>, keyof Procedures>;
  unknown: Exclude<keyof Procedures, keyof Inputs>;
  inputs: {
    [P in keyof Procedures & keyof Inputs]: SameInput<Inputs[P], Procedures[P]['input']> extends true ? never : P;
  }[keyof Procedures & keyof Inputs];
  outputs: {
    [P in keyof Procedures & keyof Outputs]: Same<Outputs[P], Procedures[P]['output']> extends true ? never : P;
  }[keyof Procedures & keyof Outputs];
  kinds: {
    [P in keyof Procedures & keyof Flat<AppRouter>]: KindOf<Flat<AppRouter>[P]> extends (typeof PROCEDURES)[P]['type']
      ? never
      : P;
  }[keyof Procedures & keyof Flat<AppRouter>];
  actions: Same<ConceptAction, OurConceptAction> extends true ? never : 'ConceptAction';
};

/** Does not compile while anything differs, and says what. */
export const agreed: { [K in keyof Differences]: [Differences[K]] extends [never] ? 'all agree' : Differences[K] } = {
  missing: 'all agree',
  unknown: 'all agree',
  inputs: 'all agree',
  outputs: 'all agree',
  kinds: 'all agree',
  actions: 'all agree',
};
