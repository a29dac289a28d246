/** What the page is told of each procedure. */
import type { core } from 'zod/mini';

export type Schema = core.JSONSchema.BaseSchema;

export interface Described {
  /** Its full name, such as `jobs.create`. */
  path: string;
  type: 'query' | 'mutation' | 'subscription';
  access: 'anyone' | 'user' | 'operator';
  /** What is said of it, in plain words. */
  comment: string;
  /** TypeScript of what it takes and gives; empty for operators' procedures, which the client does not have. */
  shape: string;
  /** Declarations of the types that `shape` names. */
  types: string;
  /** JSON Schema of its input; null where it takes none. */
  schema: Schema | null;
}
