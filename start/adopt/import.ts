/**
 * The users of an adopted and migrated database into their objects: a page at a time, in the order of their ids. Who is in, D1 says itself: an
 * object that has told it of its user has moved its `version` on from 0. So a run that was stopped is gone on with by running it again.
 */
import { adoptInput } from '../../server/src/contract/admin.ts';
import { type Carried, cannot, type Left, type OldRule, type OldUser, userOf } from './old-user.ts';
import { type Database, listOf, textOf } from './sql.ts';

export type Answer =
  | { ok: true; plan: string; balance: number }
  /** It was refused for good. */
  | { ok: false; why: string };

export type ImportPorts = {
  db: Database;
  /** Calls admin.adopt. Rejects when nothing answers. */
  adopt(user: Carried): Promise<Answer>;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  onPage(done: number, of: number): void;
};

export type Imported = {
  /** Users whose accounts hold what they had. */
  users: number;
  credits: number;
  rules: number;
  /** What is not in an object, and why. */
  left: Left[];
  /** Users of whom D1 has yet to hear: their objects tell it, and running it again shows whether they did. */
  untold: number;
};

/** Users of a page, and calls at a time. */
const PAGE = 50;
const AT_ONCE = 5;

const ODD =
  'CREATE TABLE IF NOT EXISTS adopted_odd (table_name TEXT, label TEXT, why TEXT, becomes TEXT, row_count INTEGER)';
const PENDING = 'SELECT count(*) AS n FROM users WHERE version = 0';
const pageAfter = (id: string) => `FROM users WHERE version = 0 AND id > ${textOf(id)} ORDER BY id LIMIT ${PAGE}`;

/** How many users are in no object yet. */
export const pending = async (db: Database): Promise<number> => Number((await db.run([PENDING]))[0]?.[0]?.n ?? 0);

export async function importUsers(ports: ImportPorts): Promise<Imported> {
  const { db, onPage } = ports;
  const of = await pending(db);
  const imported: Imported = { users: 0, credits: 0, rules: 0, left: [], untold: 0 };
  let done = 0;
  for (let after = ''; ; ) {
    const [users = [], rules = []] = (await db.run([
      `SELECT id, plan, credits, device_hash, created_at ${pageAfter(after)}`,
      `SELECT id, user_id, name, preset_id, concepts_json, protect_json, created_at, updated_at FROM rules
         WHERE version = 0 AND deleted_at IS NULL AND user_id IN (SELECT id ${pageAfter(after)}) ORDER BY created_at, id`,
    ])) as [OldUser[], OldRule[]];
    const last = users.at(-1);
    if (last === undefined) break;
    await importPage(ports, users, rules, imported);
    done += users.length;
    onPage(done, of);
    after = last.id;
  }
  const nowhere = new Set(imported.left.filter(({ table }) => table === 'users').map(({ id }) => id));
  imported.untold = (await pending(db)) - nowhere.size;
  return imported;
}

async function importPage(ports: ImportPorts, users: OldUser[], rules: OldRule[], imported: Imported): Promise<void> {
  const read = users.map((user) =>
    userOf(
      user,
      rules.filter(({ user_id }) => user_id === user.id),
    ),
  );
  const left = read.flatMap((one) => one.left);
  const carried = read.flatMap(({ user }) => (user === null ? [] : [user]));
  await ports.db.run([
    ...noting(left, ports.now()),
    ...(carried.length === 0 ? [] : [balancing(carried, ports.now())]),
  ]);
  imported.left.push(...left);
  for (let from = 0; from < carried.length; from += AT_ONCE) {
    const some = carried.slice(from, from + AT_ONCE);
    const answers = await Promise.all(some.map((user) => ports.adopt(adoptInput.parse(user))));
    for (const [at, answer] of answers.entries()) count(some[at], answer, imported);
  }
}

function count(user: Carried | undefined, answer: Answer, imported: Imported): void {
  if (user === undefined) return;
  const { userId, credits, rules } = user;
  if (!answer.ok) imported.left.push(cannot('users', userId, answer.why));
  else if (answer.balance !== credits) {
    imported.left.push(
      cannot('users', userId, `his account was open: it has ${answer.balance} credits, and he had ${credits}`, 'kept'),
    );
  } else {
    imported.users++;
    imported.credits += credits;
    imported.rules += rules.length;
  }
}

/** What cannot be in an object is noted, and rules among it are marked as deleted: they stay, and no list counts them. */
function noting(left: Left[], now: number): string[] {
  if (left.length === 0) return [];
  const rules = left.filter(({ table, becomes }) => table === 'rules' && becomes === 'aside').map(({ id }) => id);
  const notes = left.map(
    ({ table, id, why, becomes }) =>
      `INSERT INTO adopted_odd SELECT ${textOf(table)}, ${textOf(id)}, ${textOf(why)}, ${textOf(becomes)}, 1
         EXCEPT SELECT * FROM adopted_odd`,
  );
  const mark = `UPDATE rules SET deleted_at = ${now} WHERE version = 0 AND deleted_at IS NULL AND id IN ${listOf(rules)}`;
  return [ODD, ...notes, ...(rules.length === 0 ? [] : [mark])];
}

/**
 * What the events of the earlier service lack to add up to what each user has, under the id of the grant with which his account is opened:
 * the object then finds it told. Once: with it they add up.
 */
function balancing(users: readonly Carried[], now: number): string {
  const has = 'max(u.credits, 0)';
  const told = '(SELECT coalesce(sum(b.amount), 0) FROM billing_events b WHERE b.user_id = u.id)';
  return `INSERT INTO billing_events (id, user_id, type, amount, ref, created_at)
    SELECT 'grant:' || id || ':plan:' || plan, id, CASE WHEN lacks < 0 THEN 'charge' ELSE 'grant' END, lacks, 'adopted', ${now}
    FROM (SELECT id, plan, ${has} AS has, ${has} - ${told} AS lacks FROM users u
      WHERE version = 0 AND id IN ${listOf(users.map(({ userId }) => userId))})
    WHERE lacks <> 0 OR has > 0 ON CONFLICT (id) DO NOTHING`;
}
