/** What the wire says of anything that was thrown outside tRPC: bad input, broken settings, trouble with an object, bugs. */
import { $ZodError, type $ZodIssue } from 'zod/v4/core';
import type { Refusal } from '../contract/errors.ts';
import { UNKNOWN_PRESET } from '../contract/presets.ts';
import { refuse } from '../domain/result.ts';
import { SettingsError } from '../settings/error.ts';

/** Unknown errors are masked: their text may hold SQL or secrets. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof SettingsError) {
    return refuse('SERVICE_UNAVAILABLE', `the service is not set up: ${error.message}`, { settings: error.settings })
      .refusal;
  }
  if (error instanceof $ZodError) return refusalOfIssues(error.issues);
  if (isOverloaded(error)) return refuse('SERVICE_UNAVAILABLE', 'too busy, try again', { settings: [] }).refusal;
  return refuse('INTERNAL_ERROR', 'internal error', null).refusal;
}

const isOverloaded = (error: unknown): boolean =>
  error instanceof Error && 'overloaded' in error && error.overloaded === true;

function refusalOfIssues(found: readonly $ZodIssue[]): Refusal {
  const flat = found.flatMap(flatten);
  // They may repeat what was sent, such as the name of a field, which holds whatever somebody wrote.
  const issues = flat.map(({ path, message }) => ({
    field: fieldOf(path).toWellFormed(),
    message: message.toWellFormed(),
  }));
  const first = issues[0] ?? { field: '', message: 'is not valid' };
  if (first.message.startsWith(UNKNOWN_PRESET)) {
    return refuse('PRESET_NOT_FOUND', `${first.field}: ${first.message}`, { field: first.field }).refusal;
  }
  const { field } = first;
  return refuse('VALIDATION_ERROR', field === '' ? first.message : `${field}: ${first.message}`, { field, issues })
    .refusal;
}

/** Of a union, the branch that was most likely meant: the one whose keys fit, with the fewest issues. */
function flatten(issue: $ZodIssue): $ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const cost = (branch: $ZodIssue[]) =>
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
