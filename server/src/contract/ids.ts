/** Shapes of the ids and keys that cross the wire. A well-formed id may still name nothing. */
import * as z from 'zod/mini';
import { IDEMPOTENCY_KEY, PAGE, SIGNUP_KEY } from './limits.ts';
import { text, whole } from './schema.ts';

// A Durable Object id in hexadecimal. Its length is all that is checked here.
/** What names no job of the user's is JOB_NOT_FOUND. */
export const jobId = text(1, 128);
export const ruleId = text(1, 64);
export const userId = text(1, 64);

const printable = z.regex(/^[\x21-\x7e]+$/, 'holds visible ASCII characters only');
const key = ({ min, max }: { min: number; max: number }) => text(min, max).check(printable);
export const idempotencyKey = key(IDEMPOTENCY_KEY);
export const signupKey = key(SIGNUP_KEY);

export const cursor = text(1, 256);
export const pageSize = z._default(whole(1, PAGE.max), PAGE.default);
/** Which page of a list, and how long it is. */
export const pageInput = z.prefault(
  z.object({
    /** `nextCursor` of the page before. */
    cursor: z.optional(cursor),
    /** Entries on the page, 1 to 100; 20 when left out. */
    limit: pageSize,
  }),
  {},
);
export type PageInput = Exclude<z.input<typeof pageInput>, undefined>;
