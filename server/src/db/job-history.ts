/** History of ended jobs in D1: written once per job, read by `jobs.list`, by `jobs.get` of jobs whose object is gone, and by operators. */
import type { ConceptMap } from '../contract/concepts.ts';
import type { JobStatus, JobSummary } from '../contract/jobs.ts';
import { PRESET_IDS, type PresetId } from '../contract/presets.ts';
import { has } from '../domain/bitmap.ts';
import { inputIndex, inputOwner, type JobState, progressOf } from '../domain/job/state.ts';
import { inputKey, outputKey, previewKey } from '../domain/keys.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** What the ledger stood at after the job was settled. */
export type LedgerPoint = { credits: number; version: number };

/**
 * Writes an ended job, its photos and its charge, and moves the user's credits forward, in one batch. Repeating it changes
 * nothing; an older ledger point never overwrites a newer one.
 */
export async function flushJob(
  db: D1Database,
  job: JobState,
  errors: ReadonlyMap<number, string>,
  ledger: LedgerPoint,
): Promise<void> {
  const charged = job.charged ?? 0;
  const statements = [insertJob(db, job), insertItems(db, job, errors), moveCredits(db, job.userId, ledger)];
  if (charged > 0) {
    statements.push(
      db
        .prepare(
          `INSERT INTO billing_events (id, user_id, type, amount, ref, created_at) VALUES (?1, ?2, 'charge', ?3, ?4, ?5)
           ON CONFLICT (id) DO NOTHING`,
        )
        .bind(`charge:${job.jobId}`, job.userId, -charged, job.jobId, job.endedAt),
    );
  }
  await db.batch(statements);
}

function insertJob(db: D1Database, job: JobState): D1PreparedStatement {
  const { done, failed, total } = progressOf(job);
  const params = { outputTemplate: job.choice?.outputTemplate ?? null, from: job.source?.jobId ?? null };
  return db
    .prepare(
      `INSERT INTO jobs_log (job_id, user_id, status, preset, rule_id, concepts_json, protect_json, params_json,
         cost_estimate, error, created_at, finished_at, done, failed, total)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (job_id) DO NOTHING`,
    )
    .bind(
      job.jobId,
      job.userId,
      job.status,
      job.preset,
      job.ruleId,
      job.choice === null ? null : JSON.stringify(job.choice.concepts),
      job.choice === null ? null : JSON.stringify(job.choice.protect),
      JSON.stringify(params),
      total,
      job.error,
      job.createdAt,
      job.endedAt,
      done,
      failed,
      total,
    );
}

/** All photos in one statement with two parameters: D1 binds at most 100. */
function insertItems(db: D1Database, job: JobState, errors: ReadonlyMap<number, string>): D1PreparedStatement {
  const owner = inputOwner(job);
  const items = job.photos.map((_, idx) => {
    const status = has(job.done, idx) ? 'done' : has(job.failed, idx) ? 'failed' : 'canceled';
    return [
      idx,
      status,
      inputKey(owner, inputIndex(job, idx)),
      status === 'done' ? outputKey(job, idx) : null,
      has(job.previews, idx) ? previewKey(job, idx) : null,
      status === 'failed' ? (errors.get(idx) ?? null) : null,
    ];
  });
  return db
    .prepare(
      `INSERT INTO job_items_log (job_id, idx, status, input_key, output_key, preview_key, error)
       SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?2)
       WHERE true ON CONFLICT (job_id, idx) DO NOTHING`,
    )
    .bind(job.jobId, JSON.stringify(items));
}

function moveCredits(db: D1Database, userId: string, { credits, version }: LedgerPoint): D1PreparedStatement {
  return db
    .prepare('UPDATE users SET credits = ?2, version = ?3 WHERE id = ?1 AND version < ?3')
    .bind(userId, credits, version);
}

/** Forgets a deleted job. What was charged for it stays. */
export async function eraseJob(db: D1Database, jobId: string): Promise<void> {
  await db.batch([
    db.prepare('DELETE FROM job_items_log WHERE job_id = ?1').bind(jobId),
    db.prepare('DELETE FROM jobs_log WHERE job_id = ?1').bind(jobId),
  ]);
}

type JobRow = {
  job_id: string;
  status: JobStatus;
  preset: string | null;
  created_at: number;
  finished_at: number | null;
  done: number;
  failed: number;
  total: number;
};
const JOB_COLUMNS = 'job_id, status, preset, created_at, finished_at, done, failed, total';

function summaryOf(row: JobRow): JobSummary[] {
  const preset = PRESET_IDS.find((id): id is PresetId => id === row.preset);
  // A preset that we no longer have cannot be shown; its row stays.
  if (preset === undefined) return [];
  return [
    {
      jobId: row.job_id,
      status: row.status,
      preset,
      progress: { done: row.done, failed: row.failed, total: row.total },
      createdAt: new Date(row.created_at),
      finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
    },
  ];
}

/** Ended jobs of a user, newest first, older than the cursor: `limit` of them at most. */
export async function listJobs(
  db: D1Database,
  userId: string,
  before: PageStart,
  limit: number,
): Promise<JobSummary[]> {
  const { results } = await db
    .prepare(
      `SELECT ${JOB_COLUMNS} FROM jobs_log WHERE user_id = ?1 AND (created_at, job_id) < (?2, ?3)
       ORDER BY created_at DESC, job_id DESC LIMIT ?4`,
    )
    .bind(userId, before.at, before.id, limit)
    .all<JobRow>();
  return results.flatMap(summaryOf);
}

/** A position in a list that is ordered by time and id, newest first. */
export type PageStart = { at: number; id: string };
const NEWEST: PageStart = { at: Number.MAX_SAFE_INTEGER, id: '\uffff' };

export const pageStart = (cursor: string | undefined): PageStart | null =>
  cursor === undefined ? NEWEST : decodeCursor(cursor);
export const pageCursor = encodeCursor;

type AskedRow = {
  rule_id: string | null;
  concepts_json: string | null;
  protect_json: string | null;
  params_json: string | null;
};

/** What the job was executed with; nothing when it never was. */
function askedOf(row: AskedRow) {
  const params = JSON.parse(row.params_json ?? '{}') as { outputTemplate?: string | null };
  return {
    concepts: row.concepts_json === null ? null : (JSON.parse(row.concepts_json) as ConceptMap),
    protect: row.protect_json === null ? null : (JSON.parse(row.protect_json) as string[]),
    outputTemplate: params.outputTemplate ?? null,
    ruleId: row.rule_id,
  };
}

/** One ended job of a user, with its photos; null when D1 has none. */
export async function findJob(db: D1Database, userId: string, jobId: string) {
  const [jobs, items] = await db.batch<JobRow & AskedRow & { error: string | null; idx: number }>([
    db
      .prepare(
        `SELECT ${JOB_COLUMNS}, error, rule_id, concepts_json, protect_json, params_json FROM jobs_log WHERE job_id = ?1 AND user_id = ?2`,
      )
      .bind(jobId, userId),
    db.prepare('SELECT idx, status, error FROM job_items_log WHERE job_id = ?1 ORDER BY idx').bind(jobId),
  ]);
  const row = jobs?.results[0];
  const summary = row === undefined ? undefined : summaryOf(row)[0];
  if (row === undefined || summary === undefined) return null;
  const photos = (items?.results ?? []).map(({ idx, status, error }) => ({ idx, status: String(status), error }));
  return { summary, asked: askedOf(row), error: row.error, items: photos };
}

/** Jobs that the queue gave up on, newest first. */
export async function listDeadLetters(db: D1Database, before: PageStart, limit: number) {
  const { results } = await db
    .prepare(
      `SELECT job_id, user_id, error, finished_at FROM jobs_log
       WHERE error GLOB 'dead letter:*' AND (finished_at, job_id) < (?1, ?2)
       ORDER BY finished_at DESC, job_id DESC LIMIT ?3`,
    )
    .bind(before.at, before.id, limit)
    .all<{ job_id: string; user_id: string; error: string; finished_at: number }>();
  return results;
}
