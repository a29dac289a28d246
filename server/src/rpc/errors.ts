/** From refusals, bad input and bugs to the wire. Every error has a code, typed details and the request's id; none has a stack. */
import { TRPCError } from '@trpc/server';
import * as z from 'zod';
import { type DetailsOf, ERROR_CODES, type ErrorCode, type Refusal } from '../contract/errors.ts';
import { UNKNOWN_PRESET } from '../contract/presets.ts';
import { type Refused, type Result, refuse } from '../domain/result.ts';
import { SettingsError } from '../env.ts';

export class ApiError extends TRPCError {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, cause?: unknown) {
    super({ code: ERROR_CODES[refusal.code].trpc, message: refusal.message, cause });
    this.refusal = refusal;
  }
}

export function fail<C extends ErrorCode>(code: C, message: string, details: DetailsOf<C>): never {
  throw new ApiError(refuse(code, message, details).refusal);
}

/** The value, or the refusal thrown. */
export function unwrap<T>(result: { ok: true; value: T } | Refused | Result<T>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.refusal);
}

/** What the wire says of anything that was thrown. Unknown errors are masked: their text may hold SQL or secrets. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ApiError) return error.refusal;
  if (error instanceof SettingsError) {
    return refuse('SERVICE_UNAVAILABLE', `the service is not set up: ${error.message}`, { settings: error.settings })
      .refusal;
  }
  if (error instanceof z.ZodError) return refusalOfIssues(error.issues);
  if (error instanceof TRPCError) return refusalOfTrpc(error);
  if (isOverloaded(error)) return refuse('SERVICE_UNAVAILABLE', 'too busy, try again', { settings: [] }).refusal;
  return refuse('INTERNAL_ERROR', 'internal error', null).refusal;
}

function refusalOfTrpc(error: TRPCError): Refusal {
  if (error.cause instanceof z.ZodError && error.code === 'BAD_REQUEST') return refusalOfIssues(error.cause.issues);
  const malformed = (message: string) =>
    refuse('VALIDATION_ERROR', message, { field: '', issues: [{ field: '', message }] }).refusal;
  switch (error.code) {
    case 'NOT_FOUND':
      return refuse('NOT_FOUND', 'no such procedure', null).refusal;
    case 'PARSE_ERROR':
    case 'BAD_REQUEST':
      return malformed('the request is malformed');
    case 'METHOD_NOT_SUPPORTED':
      return malformed('queries are GET, mutations POST');
    case 'UNSUPPORTED_MEDIA_TYPE':
      return malformed('the content type must be application/json');
    default:
      return refusalOf(error.cause);
  }
}

const isOverloaded = (error: unknown): boolean =>
  error instanceof Error && 'overloaded' in error && error.overloaded === true;

function refusalOfIssues(found: readonly z.core.$ZodIssue[]): Refusal {
  const flat = found.flatMap(flatten);
  const issues = flat.map(({ path, message }) => ({ field: fieldOf(path), message }));
  const first = issues[0] ?? { field: '', message: 'is not valid' };
  if (first.message.startsWith(UNKNOWN_PRESET)) {
    return refuse('PRESET_NOT_FOUND', `${first.field}: ${first.message}`, { field: first.field }).refusal;
  }
  const { field } = first;
  return refuse('VALIDATION_ERROR', field === '' ? first.message : `${field}: ${first.message}`, { field, issues })
    .refusal;
}

/** Of a union, the branch that was most likely meant: the one whose keys fit, with the fewest issues. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const cost = (branch: z.core.$ZodIssue[]) =>
    branch.length + (branch.some(({ code }) => code === 'unrecognized_keys') ? 1000 : 0);
  const best = issue.errors.toSorted((a, b) => cost(a) - cost(b))[0] ?? [];
  if (best.length === 0) return [issue];
  return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(flatten);
}

/** `["photos", 3, "bytes"]` → `photos[3].bytes` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (field, key) =>
      typeof key === 'number' ? `${field}[${key}]` : field === '' ? String(key) : `${field}.${String(key)}`,
    '',
  );
}
