/** Users, their grants and their rules in D1: a projection of the user objects. Every write only goes forward. */
import type { Receipt } from '../contract/user.ts';
import type { Place } from '../domain/paging.ts';

/** Times are milliseconds since the Unix epoch, amounts whole credits. */
export type UserRow = {
  id: string;
  plan: string;
  /** granted - spent */
  credits: number;
  deviceHash: string | null;
  createdAt: number;
  version: number;
};

/**
 * The same version writes again: a settled job moves the credits and the version on, without knowing the plan.
 */
export function upsertUser(db: D1Database, { id, deviceHash, ...rest }: UserRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO users (id, plan, credits, auth_provider, device_hash, created_at, version)
       VALUES (?1, ?3 ->> 'plan', ?3 ->> 'credits', 'anonymous', ?2, ?3 ->> 'createdAt', ?3 ->> 'version')
       ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, credits = excluded.credits, version = excluded.version
       WHERE excluded.version >= users.version`,
    )
    .bind(id, deviceHash, JSON.stringify(rest));
}

export type GrantRow = { id: string; userId: string; amount: number; reason: string; createdAt: number };

export function insertGrant(db: D1Database, grant: GrantRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO billing_events (id, user_id, type, amount, ref, created_at) VALUES (?1, ?2, 'grant', ?3, ?4, ?5)
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(grant.id, grant.userId, grant.amount, grant.reason, grant.createdAt);
}

export type RuleRow = {
  id: string;
  userId: string;
  name: string;
  presetId: string;
  conceptsJson: string;
  protectJson: string;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
  version: number;
};

export function upsertRule(db: D1Database, rule: RuleRow): D1PreparedStatement {
  const { id, name, conceptsJson, protectJson, ...rest } = rule;
  return db
    .prepare(
      `INSERT INTO rules (id, user_id, name, preset_id, concepts_json, protect_json, created_at, updated_at, deleted_at, version)
       VALUES (?1, ?5 ->> 'userId', ?2, ?5 ->> 'presetId', ?3, ?4,
         ?5 ->> 'createdAt', ?5 ->> 'updatedAt', ?5 ->> 'deletedAt', ?5 ->> 'version')
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, concepts_json = excluded.concepts_json,
         protect_json = excluded.protect_json, created_at = excluded.created_at, updated_at = excluded.updated_at,
         deleted_at = excluded.deleted_at, version = excluded.version
       WHERE excluded.version > rules.version OR excluded.created_at > rules.deleted_at`,
    )
    .bind(id, name, conceptsJson, protectJson, JSON.stringify(rest));
}

/** A row of one of these tables. */
export type AccountsRow =
  | { kind: 'user'; row: UserRow }
  | { kind: 'grant'; row: GrantRow }
  | { kind: 'rule'; row: RuleRow };

/** Writes rows in one batch, in their order. */
export async function writeAccounts(db: D1Database, rows: readonly AccountsRow[]): Promise<void> {
  await db.batch(rows.map((row) => statementOf(db, row)));
}

function statementOf(db: D1Database, { kind, row }: AccountsRow): D1PreparedStatement {
  switch (kind) {
    case 'user':
      return upsertUser(db, row);
    case 'grant':
      return insertGrant(db, row);
    case 'rule':
      return upsertRule(db, row);
  }
}

/** Receipts of a user, newest first. */
export async function listReceipts(db: D1Database, userId: string, before: Place, limit: number): Promise<Receipt[]> {
  const { results } = await db
    .prepare(
      `SELECT id, type, amount, ref, created_at FROM billing_events WHERE user_id = ?1 AND (created_at, id) < (?2, ?3)
       ORDER BY created_at DESC, id DESC LIMIT ?4`,
    )
    .bind(userId, before.at, before.id, limit)
    .all<{ id: string; type: string; amount: number; ref: string | null; created_at: number }>();
  return results.map(({ created_at, type, ...rest }) => ({
    ...rest,
    type: type === 'grant' ? 'grant' : 'charge',
    createdAt: new Date(created_at),
  }));
}

/** What D1 shows as charged, of these jobs: only those that it shows at all. */
export async function chargesOf(db: D1Database, jobIds: string[]): Promise<Map<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT j.job_id, coalesce((SELECT -amount FROM billing_events b WHERE b.id = 'charge:' || j.job_id), 0) AS charged
       FROM jobs_log j WHERE j.job_id IN (SELECT value FROM json_each(?1))`,
    )
    .bind(JSON.stringify(jobIds))
    .all<{ job_id: string; charged: number }>();
  return new Map(results.map(({ job_id, charged }) => [job_id, charged]));
}

/** A page of user ids in order, for reconciliation. */
export async function listUserIds(db: D1Database, after: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT id FROM users WHERE id > ?1 ORDER BY id LIMIT ?2')
    .bind(after, limit)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

export type ProjectedUser = { plan: string; credits: number; billed: number; rules: number };

/** What D1 believes of these users: only those that it has at all. */
export async function projectedUsers(db: D1Database, userIds: string[]): Promise<Map<string, ProjectedUser>> {
  const { results } = await db
    .prepare(
      `SELECT id, plan, credits,
         (SELECT coalesce(sum(amount), 0) FROM billing_events b WHERE b.user_id = u.id) AS billed,
         (SELECT count(*) FROM rules r WHERE r.user_id = u.id AND r.deleted_at IS NULL) AS rules
       FROM users u WHERE id IN (SELECT value FROM json_each(?1))`,
    )
    .bind(JSON.stringify(userIds))
    .all<ProjectedUser & { id: string }>();
  return new Map(results.map(({ id, ...user }) => [id, user]));
}
