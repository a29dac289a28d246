/** How far the round is in which every user is visited: see migrations/0003_reconcile_round.sql. */

export type Round = {
  /** Users up to this one were visited, but for his jobs beyond `job` if it is not null. Null when the round is over. */
  at: { userId: string; job: string | null } | null;
  begunAt: number;
  page: number;
  /** Runs that began here and did not get beyond it. */
  tries: number;
};

export async function readRound(db: D1Database): Promise<Round> {
  const row = await db
    .prepare('SELECT user_id, job_id, begun_at, page, tries FROM reconcile_round WHERE id = 1')
    .first<{ user_id: string | null; job_id: string | null; begun_at: number; page: number; tries: number }>();
  if (row === null) throw new Error('reconcile_round has no row');
  const { user_id, job_id, begun_at, page, tries } = row;
  return { at: user_id === null ? null : { userId: user_id, job: job_id }, begunAt: begun_at, page, tries };
}

/** Moves the round on, unless somebody else did since it was read. Returns whether it did. */
export async function saveRound(db: D1Database, { at, begunAt, page, tries }: Round): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE reconcile_round SET user_id = ?1, job_id = ?2, begun_at = ?3, page = page + 1, tries = ?4
       WHERE id = 1 AND page = ?5`,
    )
    .bind(at?.userId ?? null, at?.job ?? null, begunAt, tries, page)
    .run();
  return meta.changes === 1;
}
