/** Shapes of `auth.*`. */
import * as z from 'zod/mini';
import { signupKey } from './ids.ts';
import { MAX_DEVICE_HASH } from './limits.ts';
import { text, visible } from './schema.ts';

export const anonInput = z.prefault(
  z.object({
    /** At most 128 characters. */
    deviceHash: z.optional(text(1, MAX_DEVICE_HASH).check(visible)),
    /** Cloudflare Turnstile's, where the server asks for it. */
    turnstileToken: z.optional(text(1, 2048)),
    /**
     * At least 32 characters: the same key gives the same user for a day, so a lost answer costs nobody their credits. Keep it as secret
     * as a token. Left out, the client keeps one.
     */
    idempotencyKey: z.optional(signupKey),
  }),
  {},
);
export type AnonInput = Exclude<z.input<typeof anonInput>, undefined>;

export const revokeInput = z.optional(
  z.object({
    /** The same key within ten minutes answers the same, also to a token that the first call has ended. Keep it as secret as a token. */
    idempotencyKey: z.optional(signupKey),
  }),
);

export const session = z.object({
  userId: z.string(),
  /** Bearer token for every other call, as secret as a password. */
  token: z.string(),
  expiresAt: z.date(),
});
export type Session = z.infer<typeof session>;
