/** Shapes of `auth.*`. */
import * as z from 'zod';
import { signupKey } from './ids.ts';
import { MAX_DEVICE_HASH } from './limits.ts';

export const anonInput = z
  .object({
    deviceHash: z.string().min(1).max(MAX_DEVICE_HASH).optional(),
    turnstileToken: z.string().min(1).max(2048).optional(),
    /** The same key gives the same user for a day, so a lost answer costs nobody their credits. Keep it as secret as a token. */
    idempotencyKey: signupKey.optional(),
  })
  .prefault({});

export const session = z.object({
  userId: z.string(),
  /** Bearer token for every other call. */
  token: z.string(),
  expiresAt: z.date(),
});
export type Session = z.infer<typeof session>;
