/** History of ended jobs in D1: written once per job, read by `jobs.list`, by `jobs.get` of jobs whose object is gone, and by operators. */
import type { ConceptMap } from '../contract/concepts.ts';
import { type ItemStatus, JOB_STATUSES, type JobStatus, type JobSummary, RESULT_FORMATS } from '../contract/jobs.ts';
import { MAX_PHOTOS } from '../contract/limits.ts';
import { PRESET_IDS, type PresetId } from '../contract/presets.ts';
import { firstOf, has } from '../domain/bitmap.ts';
import type { ListedJob } from '../domain/job/listed.ts';
import { hasRun, inputIndex, inputOwner, type JobState, progressOf } from '../domain/job/state.ts';
import { inputKey } from '../domain/keys.ts';
import type { Place } from '../domain/paging.ts';

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
  const statements = [insertJob(db, job), moveCredits(db, job.userId, ledger)];
  // Of a job that was never executed there is nothing to tell of each photo.
  if (hasRun(job)) statements.push(insertItems(db, job, errors));
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
  const { outputTemplate = null, format } = job.choice ?? {};
  const params = {
    outputTemplate,
    format,
    masks: job.masks || undefined,
    from: job.source?.jobId ?? null,
    cover: firstOf(job.previews),
  };
  const { status, preset, ruleId, error, createdAt, endedAt } = job;
  return db
    .prepare(
      `INSERT INTO jobs_log (job_id, user_id, status, preset, rule_id, concepts_json, protect_json, params_json,
         cost_estimate, error, created_at, finished_at, done, failed, total)
       VALUES (?1, ?2, ?5 ->> 'status', ?5 ->> 'preset', ?5 ->> 'ruleId', ?3, ?4, ?5 ->> 'params', ?5 ->> 'total',
         ?5 ->> 'error', ?5 ->> 'createdAt', ?5 ->> 'endedAt', ?5 ->> 'done', ?5 ->> 'failed', ?5 ->> 'total')
       ON CONFLICT (job_id) DO NOTHING`,
    )
    .bind(
      job.jobId,
      job.userId,
      job.choice === null ? null : JSON.stringify(job.choice.concepts),
      job.choice === null ? null : JSON.stringify(job.choice.protect),
      JSON.stringify({
        status,
        preset,
        ruleId,
        params: JSON.stringify(params),
        total,
        error,
        createdAt,
        endedAt,
        done,
        failed,
      }),
    );
}

/**
 * All photos in one statement with two parameters: D1 binds at most 100. A key that follows from the ids (domain/keys.ts) is NULL; older
 * rows name all of theirs.
 */
function insertItems(db: D1Database, job: JobState, errors: ReadonlyMap<number, string>): D1PreparedStatement {
  const owner = inputOwner(job);
  const items = job.photos.map((_, idx) => {
    const status = has(job.done, idx) ? 'done' : has(job.failed, idx) ? 'failed' : 'canceled';
    return [
      idx,
      status,
      job.source === null ? null : inputKey(owner, inputIndex(job, idx)),
      status === 'failed' ? (errors.get(idx) ?? null) : null,
    ];
  });
  return db
    .prepare(
      `INSERT INTO job_items_log (job_id, idx, status, input_key, error)
       SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?2)
       WHERE true ON CONFLICT (job_id, idx) DO NOTHING`,
    )
    .bind(job.jobId, JSON.stringify(items));
}

function moveCredits(db: D1Database, userId: string, { credits, version }: LedgerPoint): D1PreparedStatement {
  return db
    .prepare('UPDATE users SET credits = ?2, version = ?3 WHERE id = ?1 AND version < ?3')
    .bind(userId, credits, version);
}

/**
 * Forgets what is older than `before` (milliseconds since the Unix epoch) of these users' history: `limit` jobs at most, of each user the
 * oldest first, with their photos. What was charged stays. A job whose photos later ones were made from stays as long as they do: its
 * object may live.
 * @returns how many jobs were forgotten
 */
export async function forgetHistory(
  db: D1Database,
  userIds: readonly string[],
  before: number,
  limit: number,
): Promise<number> {
  const theirs = 'user_id IN (SELECT value FROM json_each(?1))';
  const old = `SELECT job_id FROM jobs_log
    WHERE ${theirs} AND created_at < ?2 AND coalesce(finished_at, created_at) < ?2 AND job_id NOT IN (
      SELECT source FROM (
        SELECT CASE WHEN json_valid(params_json) THEN params_json ->> 'from' END AS source FROM jobs_log
        WHERE ${theirs} AND coalesce(finished_at, created_at) >= ?2)
      WHERE source IS NOT NULL)
    ORDER BY user_id, created_at, job_id LIMIT ?3`;
  const bound = [JSON.stringify(userIds), before, limit] as const;
  const [, jobs] = await db.batch([
    db.prepare(`DELETE FROM job_items_log WHERE job_id IN (${old})`).bind(...bound),
    db.prepare(`DELETE FROM jobs_log WHERE job_id IN (${old})`).bind(...bound),
  ]);
  return jobs?.meta.changes ?? 0;
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
  status: string;
  preset: string | null;
  created_at: number;
  finished_at: number | null;
  done: number;
  failed: number;
  total: number;
  /** Index of a photo; rows of the first releases may hold anything. */
  cover: unknown;
};
const JOB_COLUMNS = `job_id, status, preset, created_at, finished_at, done, failed, total,
  CASE WHEN json_valid(params_json) THEN params_json ->> 'cover' END AS cover`;

/** Presets and states that can be shown. The row of another one stays, and is passed over. */
const SHOWN = JSON.stringify({ presets: PRESET_IDS, statuses: JOB_STATUSES });

function summaryOf(row: JobRow): ListedJob[] {
  const preset = PRESET_IDS.find((id): id is PresetId => id === row.preset);
  const status = JOB_STATUSES.find((known): known is JobStatus => known === row.status);
  if (preset === undefined || status === undefined) return [];
  return [
    {
      jobId: row.job_id,
      status,
      preset,
      progress: { done: row.done, failed: row.failed, total: row.total },
      createdAt: new Date(row.created_at),
      finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
      ...(isIndex(row.cover) && { cover: row.cover }),
    },
  ];
}

const isIndex = (cover: unknown): cover is number => Number.isInteger(cover) && Number(cover) >= 0;

/** Ended jobs of a user, newest first, older than the cursor: `limit` of them, or all that there are. */
export async function listJobs(db: D1Database, userId: string, before: Place, limit: number): Promise<ListedJob[]> {
  const { results } = await db
    .prepare(
      `SELECT ${JOB_COLUMNS} FROM jobs_log WHERE user_id = ?1
         AND preset IN (SELECT value FROM json_each(?5, '$.presets'))
         AND status IN (SELECT value FROM json_each(?5, '$.statuses'))
         AND (created_at, job_id) < (?2, ?3)
       ORDER BY created_at DESC, job_id DESC LIMIT ?4`,
    )
    .bind(userId, before.at, before.id, limit, SHOWN)
    .all<JobRow>();
  return results.flatMap(summaryOf);
}

type AskedRow = {
  rule_id: string | null;
  concepts_json: string | null;
  protect_json: string | null;
  params_json: string | null;
};

/** What the job was executed with; nothing when it never was. */
function askedOf(row: AskedRow) {
  const concepts = jsonOf<ConceptMap>(row.concepts_json);
  const params = jsonOf<{ outputTemplate?: string | null; format?: string; masks?: unknown }>(row.params_json);
  const format = RESULT_FORMATS.find((known) => known === (params?.format ?? 'png'));
  return {
    concepts,
    protect: jsonOf<string[]>(row.protect_json),
    outputTemplate: params?.outputTemplate ?? null,
    ...(concepts === null || format === undefined ? {} : { format }),
    masks: params?.masks,
    ruleId: row.rule_id,
  };
}

/** Null for what is not there, and for what is no JSON: rows of the first releases may hold anything. */
function jsonOf<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T | null);
  } catch {
    return null;
  }
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
  const told = new Map((items?.results ?? []).map(({ idx, status, error }) => [idx, { status, error }]));
  const total = Math.min(MAX_PHOTOS, Math.max(row.total, ...[...told.keys()].map((idx) => idx + 1)));
  const photos = Array.from({ length: total }, (_, idx) => {
    const { status, error } = told.get(idx) ?? { status: '', error: null };
    return { idx, status: told.has(idx) ? itemStatusOf(status) : untold(summary, idx), error };
  });
  return { summary, asked: askedOf(row), error: row.error, items: photos };
}

/** The words of every release. One that we do not know is of a photo that was not finished. */
function itemStatusOf(status: string): ItemStatus {
  if (status === 'done' || status === 'completed') return 'done';
  return status === 'failed' ? 'failed' : 'canceled';
}

/** A photo without a row of its own: the job was never executed, or its row was lost. */
function untold({ status, progress }: JobSummary, idx: number): ItemStatus {
  if (status === 'canceled') return 'canceled';
  return idx < progress.done ? 'done' : 'failed';
}

/** Jobs that the queue gave up on, newest first. */
export async function listDeadLetters(db: D1Database, before: Place, limit: number) {
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
