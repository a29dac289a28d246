/**
 * Proof that this package and the server's router speak of the same things. Checked by the compiler with the Workers' types
 * (the tsconfig.json beside this file), since the router's type cannot be had without them; the rest of the package needs none. What is
 * generated is read here by another compiler than the one that it was made by.
 */
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { ConceptAction } from '../../../server/src/contract/concepts.ts';
import type { DetailsOf, ErrorCode } from '../../../server/src/contract/errors.ts';
import type * as presets from '../../../server/src/contract/presets.ts';
import type { AppRouter } from '../../../server/src/rpc/router.ts';
import type { S3ErrorDataByCode } from '../../src/errors.ts';
import type { PresetNames } from '../../src/generated/presets.ts';
import type { Procedures } from '../../src/generated/procedures.ts';
import type { S3Procedures } from '../../src/generated/router.ts';
import type { ConceptAction as OurConceptAction } from '../../src/generated/types.ts';

/** Not for this package: operators' calls, and the live subscription, which src/live/ speaks itself. */
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

type TheirNames = {
  [P in presets.PresetId]: {
    concept: presets.ConceptOf<P>;
    protectOnly: Exclude<presets.ProtectOf<P>, presets.ConceptOf<P>>;
    colour: presets.PaletteOf<P>;
    template: presets.TemplateOf<P>;
  };
};
type TheirErrors = { [C in ErrorCode]: DetailsOf<C> };
/** The codes that only this package raises. */
type OwnCode = 'ABORTED' | 'NETWORK_ERROR' | 'OVER_BUDGET' | 'INVALID_FILE';

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
    [P in keyof Flat<S3Procedures> & keyof Flat<AppRouter>]: Same<
      KindOf<Flat<AppRouter>[P]>,
      KindOf<Flat<S3Procedures>[P]>
    > extends true
      ? never
      : P;
  }[keyof Flat<S3Procedures> & keyof Flat<AppRouter>];
  actions: Same<ConceptAction, OurConceptAction> extends true ? never : 'ConceptAction';
  presets: Same<TheirNames, PresetNames> extends true ? never : 'PresetNames';
  errors: Same<TheirErrors, Omit<S3ErrorDataByCode, OwnCode>> extends true ? never : 'S3ErrorDataByCode';
};

/** Does not compile while anything differs, and says what. */
export const agreed: { [K in keyof Differences]: [Differences[K]] extends [never] ? 'all agree' : Differences[K] } = {
  missing: 'all agree',
  unknown: 'all agree',
  inputs: 'all agree',
  outputs: 'all agree',
  kinds: 'all agree',
  actions: 'all agree',
  presets: 'all agree',
  errors: 'all agree',
};
