/** Expected refusals are values; throwing is for bugs and broken infrastructure. */
import type { DetailsOf, ErrorCode, Refusal } from '../contract/errors.ts';

export type Refused = { ok: false; refusal: Refusal };
export type Result<T> = { ok: true; value: T } | Refused;

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function refuse<C extends ErrorCode>(code: C, message: string, details: DetailsOf<C>): Refused {
  return { ok: false, refusal: { code, message, details } as Refusal };
}

/** Bad input, with the path of the field that is wrong, such as `photos[3].bytes`. */
export function invalid(field: string, message: string): Refused {
  return refuse('VALIDATION_ERROR', `${field}: ${message}`, { field, issues: [{ field, message }] });
}
