/** Shapes of the ids and keys that cross the wire. A well-formed id may still name nothing. */
import * as z from 'zod';
import { IDEMPOTENCY_KEY, PAGE, SIGNUP_KEY } from './limits.ts';

/** A Durable Object id in hexadecimal. Its length is all that is checked here: what names no job is JOB_NOT_FOUND. */
export const jobId = z.string().min(1).max(128);
export const ruleId = z.string().min(1).max(64);
export const userId = z.string().min(1).max(64);

const printable = /^[\x21-\x7e]+$/;
export const idempotencyKey = z
  .string()
  .min(IDEMPOTENCY_KEY.min)
  .max(IDEMPOTENCY_KEY.max)
  .regex(printable, 'holds visible ASCII characters only');
export const signupKey = z
  .string()
  .min(SIGNUP_KEY.min)
  .max(SIGNUP_KEY.max)
  .regex(printable, 'holds visible ASCII characters only');

export const cursor = z.string().min(1).max(256);
export const pageSize = z.number().int().min(1).max(PAGE.max).default(PAGE.default);
