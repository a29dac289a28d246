/** Deleting what D1 has of a user. The jobs' objects delete their own rows; this finds what they left, in bounded steps. */

/** Jobs, and receipts, in one step: a job has up to 200 photos. */
const STEP = 100;

/** Deletes one step's worth. Returns whether nothing is left. Safe to repeat. */
export async function eraseUser(db: D1Database, userId: string): Promise<boolean> {
  const oldest = 'SELECT job_id FROM jobs_log WHERE user_id = ?1 ORDER BY created_at, job_id LIMIT ?2';
  const results = await db.batch([
    // Photos are found by their job, so they go first.
    db.prepare(`DELETE FROM job_items_log WHERE job_id IN (${oldest})`).bind(userId, STEP),
    db.prepare(`DELETE FROM jobs_log WHERE job_id IN (${oldest})`).bind(userId, STEP),
    db
      .prepare('DELETE FROM billing_events WHERE id IN (SELECT id FROM billing_events WHERE user_id = ?1 LIMIT ?2)')
      .bind(userId, STEP),
    db.prepare('DELETE FROM rules WHERE user_id = ?1').bind(userId),
    db.prepare('DELETE FROM users WHERE id = ?1').bind(userId),
  ]);
  return results.slice(1, 3).every(({ meta }) => meta.changes < STEP);
}
