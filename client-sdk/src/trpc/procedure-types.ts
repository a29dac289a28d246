/** Procedures in tRPC's types, of this package's own plain shapes. */
import type { TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';

// biome-ignore lint/suspicious/noConfusingVoidType: tRPC's word for an input that may be left out
type Given<Input> = [Input] extends [undefined] ? void : undefined extends Input ? Input | void : Input;

export type Query<Input, Output> = TRPCQueryProcedure<{ input: Given<Input>; output: Output; meta: unknown }>;
export type Mutation<Input, Output> = TRPCMutationProcedure<{ input: Given<Input>; output: Output; meta: unknown }>;
/** Each event comes with its id, behind which a later subscription goes on. */
export type Subscription<Input, Event> = TRPCSubscriptionProcedure<{
  input: Given<Input>;
  output: AsyncIterable<{ id: string; data: Event }>;
  meta: unknown;
}>;
