/** Receipts: a hold whose job was settled, found by its job, so that no command reads the user's history. */
import type { PresetId } from '../../../contract/presets.ts';
import type { Hold, Outcome } from '../../../domain/ledger.ts';

export const RECEIPT = `
  CREATE TABLE receipt (
    job_id     TEXT PRIMARY KEY,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    preset     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    charged    INTEGER NOT NULL CHECK (charged BETWEEN 0 AND amount),
    outcome    TEXT NOT NULL
  ) WITHOUT ROWID;`;

type ReceiptRow = {
  job_id: string;
  /** Whole credits that were set aside. */
  amount: number;
  preset: PresetId;
  /** Milliseconds since the Unix epoch, and so is settled_at. */
  created_at: number;
  settled_at: number;
  /** Whole credits. */
  charged: number;
  /** JSON of {@link Outcome}. */
  outcome: string;
  /**
   * Since when the job is known to have deleted its own storage (milliseconds since the Unix epoch). Releases may do without the column:
   * an object gets it when it first needs it.
   */
  gone_at?: number | null;
};

const ADD_GONE_AT = 'ALTER TABLE receipt ADD COLUMN gone_at INTEGER';
const COLUMNS = "SELECT name FROM pragma_table_info('receipt')";
const READ = 'SELECT * FROM receipt WHERE job_id = ?';
const PAGE = 'SELECT * FROM receipt WHERE job_id > ? ORDER BY job_id LIMIT ?';
/** ?2: JSON of the hold. */
const INSERT = `
  INSERT INTO receipt (job_id, amount, preset, created_at, settled_at, charged, outcome)
  VALUES (?1, ?2 ->> 'amount', ?2 ->> 'preset', ?2 ->> 'createdAt', ?2 ->> 'settledAt', ?2 ->> 'charged', ?3)`;
const SAVE_GONE = 'UPDATE receipt SET gone_at = ? WHERE job_id = ?';
const FORGET =
  'DELETE FROM receipt WHERE job_id > ? AND job_id <= ? AND charged = 0 AND settled_at < ? AND gone_at IS NOT NULL';
const CLEAR = 'DELETE FROM receipt';

export class ReceiptTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(jobId: string): Hold | null {
    const row = this.#sql.exec<ReceiptRow>(READ, jobId).toArray()[0];
    return row === undefined ? null : holdOf(row);
  }

  /** In the order of their job ids, after `after`, and whether each is known to be gone. */
  page(after: string, limit: number): { hold: Hold; isGone: boolean }[] {
    const rows = this.#sql.exec<ReceiptRow>(PAGE, after, limit).toArray();
    return rows.map((row) => ({ hold: holdOf(row), isGone: row.gone_at != null }));
  }

  insert({ jobId, amount, preset, createdAt, settledAt, charged, outcome }: Hold): void {
    const rest = JSON.stringify({ amount, preset, createdAt, settledAt, charged });
    this.#sql.exec(INSERT, jobId, rest, JSON.stringify(outcome));
  }

  /** @param now milliseconds since the Unix epoch */
  saveGone(jobIds: readonly string[], now: number): void {
    if (!this.#hasGoneAt()) this.#sql.exec(ADD_GONE_AT);
    for (const jobId of jobIds) this.#sql.exec(SAVE_GONE, now, jobId);
  }

  /** Those up to `upTo` that charged nothing, were settled before `before` and are known to be gone. */
  forget(after: string, upTo: string, before: number): void {
    if (this.#hasGoneAt()) this.#sql.exec(FORGET, after, upTo, before);
  }

  clear(): void {
    this.#sql.exec(CLEAR);
  }

  #hasGoneAt(): boolean {
    const columns = this.#sql.exec<{ name: string }>(COLUMNS).toArray();
    return columns.some(({ name }) => name === 'gone_at');
  }
}

function holdOf(row: ReceiptRow): Hold {
  const { job_id, amount, preset, created_at, settled_at, charged, outcome } = row;
  return {
    jobId: job_id,
    amount,
    preset,
    createdAt: created_at,
    checkAt: null,
    settledAt: settled_at,
    charged,
    outcome: JSON.parse(outcome) as Outcome,
    slotFree: true,
  };
}
