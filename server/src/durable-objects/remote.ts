/**
 * An object as its callers see it through RPC: every method answers with a promise of one type. The platform's own stub
 * type turns a method that returns a union into a union of promises, which nothing can be inferred from.
 */
import type { DurableObject } from 'cloudflare:workers';

type Method = (...args: never[]) => unknown;

export type Remote<T> = {
  [K in Exclude<keyof T, keyof DurableObject> as T[K] extends Method ? K : never]: T[K] extends (
    ...args: infer Args
  ) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};
