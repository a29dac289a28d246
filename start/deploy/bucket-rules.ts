/**
 * The bucket's CORS and lifecycle rules beside what it has. wrangler tells those that are there in words, so the files are said in the same words
 * and compared.
 */
import { readFileSync } from 'node:fs';
import { fromRoot } from '../paths.ts';
import type { Labelled } from './answers.ts';
import { LIFECYCLE_FILE } from './bucket-lifecycle.ts';

export const CORS_FILE = fromRoot('start', 'deploy', 'r2-cors.json');

type Cors = {
  allowed: { origins: string[]; methods: string[]; headers: string[] };
  exposeHeaders: string[];
  maxAgeSeconds: number;
};
type Condition = { type: 'Age'; maxAge: number };
type Lifecycle = {
  id: string;
  enabled: boolean;
  conditions: { prefix: string };
  deleteObjectsTransition?: { condition: Condition };
  abortMultipartUploadsTransition?: { condition: Condition };
};

/**
 * The rule of r2-cors.json for one deployment: pages that may upload are those that may call the API (CORS_ORIGINS), and the studio, which is
 * served where the API is.
 */
export function corsRules(vars: Record<string, string>): { rules: Cors[] } {
  const { rules }: { rules: Cors[] } = JSON.parse(readFileSync(CORS_FILE, 'utf8'));
  const { CORS_ORIGINS = '', PUBLIC_BASE_URL = '' } = vars;
  const own = URL.canParse(PUBLIC_BASE_URL) ? [new URL(PUBLIC_BASE_URL).origin] : [];
  const origins = [...new Set([...own, ...CORS_ORIGINS.split(/[\s,]+/).filter(Boolean)])];
  return { rules: rules.map((rule) => ({ ...rule, allowed: { ...rule.allowed, origins } })) };
}

/** As `r2 bucket cors list` tells them. */
export const corsInWords = (rules: readonly Cors[]): Labelled[] =>
  rules.map(({ allowed, exposeHeaders, maxAgeSeconds }) => ({
    allowed_origins: allowed.origins.join(', ') || '(no origins)',
    allowed_methods: allowed.methods.join(', ') || '(no methods)',
    allowed_headers: allowed.headers.join(', ') || '(no headers)',
    exposed_headers: exposeHeaders.join(', ') || '(no exposed headers)',
    max_age_seconds: String(maxAgeSeconds),
  }));

export const lifecycleRules = (): Lifecycle[] => JSON.parse(readFileSync(LIFECYCLE_FILE, 'utf8')).rules;

/** As `r2 bucket lifecycle list` tells them. */
export const lifecycleInWords = (rules: readonly Lifecycle[]): Labelled[] =>
  rules.map(({ id, enabled, conditions, deleteObjectsTransition, abortMultipartUploadsTransition }) => ({
    name: id,
    enabled: enabled ? 'Yes' : 'No',
    prefix: conditions.prefix || '(all prefixes)',
    action: [
      ...inDays('Expire objects', deleteObjectsTransition),
      ...inDays('Abort incomplete multipart uploads', abortMultipartUploadsTransition),
    ].join(', '),
  }));

const inDays = (action: string, transition: { condition: Condition } | undefined): string[] =>
  transition === undefined ? [] : [`${action} after ${transition.condition.maxAge / 86_400} days`];

/** Lists whose order says nothing. */
const LISTS = new Set(['allowed_origins', 'allowed_methods', 'allowed_headers', 'exposed_headers']);

/** Whether two sets of rules are one, in whatever order they stand. */
export function areSame(some: readonly Labelled[], others: readonly Labelled[]): boolean {
  const said = (rules: readonly Labelled[]) => rules.map(plain).toSorted().join('\n');
  return said(some) === said(others);
}

function plain(rule: Labelled): string {
  const sorted = (value: string) =>
    value
      .split(',')
      .map((one) => one.trim())
      .toSorted()
      .join(', ');
  const values = Object.entries(rule).map(([label, value]) => [label, LISTS.has(label) ? sorted(value) : value]);
  return JSON.stringify(values.toSorted());
}

/** Rules in a few words, for the table: the ids of lifecycle rules, the origins of CORS rules. */
export const inShort = (rules: readonly Labelled[]): string =>
  rules.length === 0 ? 'none' : rules.map(({ name, allowed_origins }) => name ?? allowed_origins ?? '?').join(', ');
