/**
 * The limits of what crosses the wire.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */

/** Photos in one job, whatever the plan. */
export const MAX_PHOTOS = 200;
/** Bytes of one photo: 25 MB. */
export const MAX_PHOTO_BYTES = 25_000_000;
/** Pixels of one photo: 64 megapixels. Whoever decodes it refuses more; the client reads the size from the header, before anything is held. */
export const MAX_PHOTO_PIXELS = 64_000_000;
/** Characters of a rule's name. */
export const MAX_RULE_NAME = 80;
export const MAX_DEVICE_HASH = 128;
/** Characters of the reason a GPU worker gives for a failed photo; the rest is cut off. */
export const MAX_ITEM_ERROR = 500;
/** Results in one callback. */
export const MAX_CALLBACK_ITEMS = 200;
/** Calls in one tRPC batch. */
export const MAX_BATCH = 20;
/** Bytes of a tRPC request body: 256 KB. */
export const MAX_RPC_BODY = 262_144;
/** Characters of the address of a tRPC call, its input included. */
export const MAX_RPC_URL = 16_384;
/** Bytes of a callback body: 1 MB. */
export const MAX_CALLBACK_BODY = 1_048_576;
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
/** Characters of an idempotency key; the lower bound keeps two clients from meeting by accident. */
export const IDEMPOTENCY_KEY = { min: 8, max: 128 } as const;
/** Sign-up keys name an account for a day, so they must be unguessable: a UUID has 36 characters. */
export const SIGNUP_KEY = { min: 32, max: 128 } as const;
/** What an input is made of at most, whatever its schema: nesting, values in all, characters of one text. */
export const INPUT = { depth: 10, values: 5_000, characters: 4_096 } as const;
export const PAGE = { default: 20, max: 100 } as const;
