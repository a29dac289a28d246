/** A user of the earlier service with his rules, as rows of D1, and as his object takes him. */
import { type Adopted, adoptInput } from '../../server/src/contract/admin.ts';
import { chooseFor } from '../../server/src/domain/presets.ts';
import type { Becomes } from './odd.ts';

export type OldUser = { id: string; plan: string; credits: number; device_hash: string | null; created_at: number };
export type OldRule = {
  id: string;
  user_id: string;
  name: string;
  preset_id: string;
  concepts_json: string;
  protect_json: string | null;
  created_at: number;
  updated_at: number;
};
export type Carried = Adopted;
export type Left = { table: 'users' | 'rules'; id: string; why: string; becomes: Becomes };

export const cannot = (table: Left['table'], id: string, why: string, becomes: Becomes = 'aside'): Left => ({
  table,
  id,
  why,
  becomes,
});

const ruleShape = adoptInput.shape.rules._zod.def.element;

/** What his object takes of him; a user that none can take stays as he is. */
export function userOf(row: OldUser, rules: readonly OldRule[]): { user: Carried | null; left: Left[] } {
  const read = rules.map(ruleOf);
  const user = {
    userId: row.id,
    plan: row.plan,
    // An account cannot owe anything.
    credits: Math.max(0, row.credits),
    deviceHash: row.device_hash,
    createdAt: row.created_at,
    rules: read.flatMap(({ rule }) => (rule === null ? [] : [rule])),
  };
  const checked = adoptInput.safeParse(user);
  if (!checked.success) return { user: null, left: [cannot('users', row.id, wordsOf(checked.error.issues[0]))] };
  return { user: checked.data, left: read.flatMap(({ left }) => left) };
}

function ruleOf(row: OldRule): { rule: Carried['rules'][number] | null; left: Left[] } {
  const read = {
    concepts: jsonOf(row.concepts_json),
    protect: row.protect_json === null ? [] : jsonOf(row.protect_json),
  };
  const { id, name, preset_id, created_at, updated_at } = row;
  const given = { id, name, presetId: preset_id, ...read, createdAt: created_at, updatedAt: updated_at };
  const checked = ruleShape.safeParse(given);
  if (!checked.success) return { rule: null, left: [cannot('rules', id, wordsOf(checked.error.issues[0]))] };
  const rule = checked.data;
  const choice = chooseFor(rule.presetId, rule);
  const why = choice.ok ? null : `${choice.refusal.message}: it is shown, and no job takes it as it is`;
  return { rule, left: why === null ? [] : [cannot('rules', id, why, 'kept')] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const wordsOf = (issue: { path: PropertyKey[]; message: string } | undefined): string =>
  `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'it is not as it should be'}`;
