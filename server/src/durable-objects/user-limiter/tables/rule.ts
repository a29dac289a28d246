/** A user's rules. One that was deleted stays until D1 has heard of it. */
import type { ConceptMap } from '../../../contract/concepts.ts';
import type { PresetId } from '../../../contract/presets.ts';
import type { StoredRule } from '../state.ts';

export const RULE = `
  CREATE TABLE rule (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    preset     TEXT NOT NULL,
    concepts   TEXT NOT NULL,
    protect    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version    INTEGER NOT NULL
  ) WITHOUT ROWID;`;

type RuleRow = {
  id: string;
  name: string;
  preset: PresetId;
  /** JSON of a ConceptMap. */
  concepts: string;
  /** JSON of a list of texts. */
  protect: string;
  /** Milliseconds since the Unix epoch, and so are updated_at and deleted_at. */
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  /** Grows with each change. */
  version: number;
};

const READ = 'SELECT * FROM rule WHERE id = ?';
const LIST = 'SELECT * FROM rule WHERE deleted_at IS NULL ORDER BY created_at, id';
/** ?5: JSON of the rest. */
const SAVE = `
  INSERT INTO rule (id, name, concepts, protect, preset, created_at, updated_at, deleted_at, version)
  VALUES (?1, ?2, ?3, ?4, ?5 ->> 'preset', ?5 ->> 'createdAt', ?5 ->> 'updatedAt', ?5 ->> 'deletedAt', ?5 ->> 'version')
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, concepts = excluded.concepts, protect = excluded.protect,
    updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, version = excluded.version`;
const DROP = 'DELETE FROM rule WHERE id = ? AND deleted_at IS NOT NULL';
const CLEAR = 'DELETE FROM rule';

export class RuleTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** One that was deleted as well. */
  find(id: string): StoredRule | null {
    const row = this.#sql.exec<RuleRow>(READ, id).toArray()[0];
    return row === undefined ? null : ruleOf(row);
  }

  /** Those that were not deleted, oldest first. */
  list(): StoredRule[] {
    return this.#sql.exec<RuleRow>(LIST).toArray().map(ruleOf);
  }

  save({ id, name, concepts, protect, preset, createdAt, updatedAt, deletedAt, version }: StoredRule): void {
    const rest = JSON.stringify({ preset, createdAt, updatedAt, deletedAt, version });
    this.#sql.exec(SAVE, id, name, JSON.stringify(concepts), JSON.stringify(protect), rest);
  }

  /** Forgets a deleted rule. */
  drop(id: string): void {
    this.#sql.exec(DROP, id);
  }

  clear(): void {
    this.#sql.exec(CLEAR);
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
