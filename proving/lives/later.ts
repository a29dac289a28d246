/** An object as a later release leaves it: a newer version, and fields that nobody here has heard of. */
import { runInDurableObject } from 'cloudflare:test';

const VERSION = 99;

const tableOf = (sql: SqlStorage): 'account' | 'job' | null => {
  const found = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('account', 'job')").toArray();
  return found[0]?.name === 'account' ? 'account' : found[0]?.name === 'job' ? 'job' : null;
};

/** Whether there was anything to write to. */
export function stampLater(stub: DurableObjectStub): Promise<boolean> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const table = tableOf(sql);
    if (table === 'account') {
      sql.exec(
        `UPDATE account SET schema = ?, more = json_set(coalesce(more, '{}'), '$.later', 1),
           live = (SELECT json_group_array(json_set(value, '$.later', 1)) FROM json_each(account.live))`,
        VERSION,
      );
    } else if (table === 'job') {
      sql.exec(
        `UPDATE job SET state = CASE WHEN json_extract(state, '$.effects') IS NULL THEN json_set(state, '$.schema', ?1, '$.later', 1)
           ELSE json_set(state, '$.schema', ?1, '$.later', 1, '$.effects.later', json('{"tries":0,"due":0}')) END`,
        VERSION,
      );
    }
    return table !== null;
  });
}

/** Whether what it wrote still stands, if the object has not deleted itself. */
export function keepsLater(stub: DurableObjectStub): Promise<boolean> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const table = tableOf(sql);
    if (table === null) return true;
    const stamps =
      table === 'account'
        ? "SELECT schema, json_extract(more, '$.later') AS later FROM account"
        : "SELECT json_extract(state, '$.schema') AS schema, json_extract(state, '$.later') AS later FROM job";
    const [row] = sql.exec(stamps).toArray();
    return row === undefined || (row.schema === VERSION && row.later === 1);
  });
}
