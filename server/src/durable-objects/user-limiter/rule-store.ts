/** SQL of a user's rules. Times are milliseconds since the Unix epoch. */
import type { ConceptMap } from '../../contract/concepts.ts';
import type { PresetId } from '../../contract/presets.ts';
import type { Tables } from '../tables.ts';

type RuleRow = {
  id: string;
  name: string;
  preset: PresetId;
  concepts: string;
  protect: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  version: number;
};

export type StoredRule = {
  id: string;
  name: string;
  preset: PresetId;
  concepts: ConceptMap;
  protect: string[];
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  version: number;
};

export class RuleStore {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;

  /** @param tables of the account: without them there are no rules */
  constructor(sql: SqlStorage, tables: Tables) {
    this.#sql = sql;
    this.#tables = tables;
  }

  /** @param deleted whether a rule that was deleted is found as well */
  find(id: string, deleted = false): StoredRule | null {
    if (!this.#tables.exist) return null;
    const row = this.#sql.exec<RuleRow>('SELECT * FROM rule WHERE id = ?', id).toArray()[0];
    return row === undefined || (row.deleted_at !== null && !deleted) ? null : ruleOf(row);
  }

  /** Rules that were not deleted, oldest first. */
  list(): StoredRule[] {
    if (!this.#tables.exist) return [];
    return this.#sql
      .exec<RuleRow>('SELECT * FROM rule WHERE deleted_at IS NULL ORDER BY created_at, id')
      .toArray()
      .map(ruleOf);
  }

  save(rule: StoredRule): void {
    this.#sql.exec(
      `INSERT INTO rule (id, name, preset, concepts, protect, created_at, updated_at, deleted_at, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, concepts = excluded.concepts, protect = excluded.protect,
         updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, version = excluded.version`,
      rule.id,
      rule.name,
      rule.preset,
      JSON.stringify(rule.concepts),
      JSON.stringify(rule.protect),
      rule.createdAt,
      rule.updatedAt,
      rule.deletedAt,
      rule.version,
    );
  }

  /** Forgets a deleted rule that D1 knows to be deleted. */
  drop(id: string): void {
    this.#sql.exec('DELETE FROM rule WHERE id = ? AND deleted_at IS NOT NULL', id);
  }
}

function ruleOf(row: RuleRow): StoredRule {
  const { created_at, updated_at, deleted_at, concepts, protect, ...rest } = row;
  return {
    ...rest,
    concepts: JSON.parse(concepts) as ConceptMap,
    protect: JSON.parse(protect) as string[],
    createdAt: created_at,
    updatedAt: updated_at,
    deletedAt: deleted_at,
  };
}
