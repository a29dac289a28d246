/**
 * Which objects have written something since they were looked at. A look costs a request, and most steps change one object or none:
 * for the others, what was seen before still stands and is held against the promises again.
 */

type Seen = { unchanged: boolean };

const WRITES = /^\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|REPLACE)/i;
const seenBySql = new WeakMap<SqlStorage, Seen>();
const seenById = new Map<string, Seen>();
/** Whether an instance wrote that nobody has looked into yet: it may be any object. */
let strange = true;
let listening = false;

/** Call it inside the object, before its state is read. */
export function seeInto(id: string, storage: DurableObjectStorage): void {
  if (!listening) listen(storage);
  const seen = { unchanged: true };
  seenBySql.set(storage.sql, seen);
  seenById.set(id, seen);
  // An instance that never tried to set one had no need to: what it woke with was right.
  if (unarmedBySql.get(storage.sql) === true) unarmed.add(id);
  else unarmed.delete(id);
}

export const isUnchanged = (id: string): boolean => seenById.get(id)?.unchanged ?? false;

/** What was seen of this object stands no more, although it wrote nothing: its alarm has fired, or it was evicted. */
export function forgetSeen(id: string): void {
  const seen = seenById.get(id);
  if (seen !== undefined) seen.unchanged = false;
}

/** Whether there was such a write since this was asked last; then no cached look may be trusted. */
export function takeStrange(): boolean {
  const was = strange;
  strange = false;
  return was;
}

function wrote(sql: SqlStorage): void {
  const seen = seenBySql.get(sql);
  if (seen === undefined) strange = true;
  else seen.unchanged = false;
}

/** What storage refuses next: writes, and alarms. */
const refused = { writes: 0, alarms: 0 };
/** Whether an instance could not set its alarm the last time, and the objects that were seen so. */
const unarmedBySql = new WeakMap<SqlStorage, boolean>();
const unarmed = new Set<string>();

export function refuse(what: 'writes' | 'alarms', times: number): void {
  refused[what] = times;
}
export const isUnarmed = (id: string): boolean => unarmed.has(id);
export function startArmed(): void {
  unarmed.clear();
  refused.writes = 0;
  refused.alarms = 0;
}

function refuseNext(what: 'writes' | 'alarms'): void {
  if (refused[what] === 0) return;
  refused[what]--;
  throw new Error('Exceeded allowed rows written in Durable Objects free tier.');
}

/** Stands in front of all that can change an object, for every object at once: they share the runtime's classes. */
function listen(storage: DurableObjectStorage): void {
  listening = true;
  const ofSql: SqlStorage = Object.getPrototypeOf(storage.sql);
  const { exec } = ofSql;
  ofSql.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
    if (WRITES.test(query)) {
      refuseNext('writes');
      wrote(this);
    }
    return Reflect.apply(exec, this, [query, ...bindings]);
  } as typeof exec;
  const ofStorage: Record<string, unknown> = Object.getPrototypeOf(storage);
  for (const name of ['setAlarm', 'deleteAlarm', 'deleteAll']) {
    const method = ofStorage[name] as (...args: unknown[]) => Promise<void>;
    ofStorage[name] = function (this: DurableObjectStorage, ...args: unknown[]) {
      wrote(this.sql);
      if (name === 'setAlarm') {
        unarmedBySql.set(this.sql, true);
        refuseNext('alarms');
        unarmedBySql.set(this.sql, false);
      }
      return Reflect.apply(method, this, args);
    };
  }
}
