/**
 * What is promised, whoever looks and however the world was moved: each promise is a sentence, and says of a look where it does not hold.
 * Lives, crash points, load, attacks and fuzz hold their looks against the same ones; what a look does not show breaks none.
 */
import { indexOfKey, outputKey } from '../../server/src/domain/keys.ts';
import { ENDED, type History, type Ledger, type Look, type SeenJob } from './look.ts';

/** Where it does not hold; empty when it does. */
export type Promises = Readonly<Record<string, (look: Look) => string[]>>;
export type Fault = { promise: string; where: string };

export function broken(look: Look, ...sets: Promises[]): Fault[] {
  const all = sets.flatMap((promises) => Object.entries(promises));
  return all.flatMap(([promise, faultsIn]) => faultsIn(look).map((where) => ({ promise, where })));
}
export const told = ({ promise, where }: Fault): string => `not so: ${promise} (${where})`;

const sum = (amounts: Iterable<number>): number => [...amounts].reduce((total, one) => total + one, 0);
const live = ({ holds }: Ledger): Ledger['holds'] => holds.filter(({ charged }) => charged === null);
const credits = ({ account }: Ledger): number => account.granted - account.spent;
const ended = ({ status }: SeenJob): boolean => ENDED.has(status);
const plain = (value: unknown): string => JSON.stringify(value instanceof Map ? [...value].sort() : value);

/** Says it of each that is wrong. */
const each = <T>(all: Iterable<T>, isWrong: (one: T) => boolean, say: (one: T) => string): string[] =>
  [...all].filter(isWrong).map(say);
/** Of each who was not deleted, how what is shown differs from what has to be; undefined where this look does not show it. */
const eachLedger = ({ ledgers }: Look, of: (ledger: Ledger) => { is: unknown; be: unknown } | undefined): string[] =>
  ledgers.flatMap((ledger) => {
    const found = ledger.erased ? undefined : of(ledger);
    const [is, be] = [plain(found?.is), plain(found?.be)];
    return is === be ? [] : [`${ledger.userId}: ${is}, not ${be}`];
  });
const ofUser = <T extends { userId: string }>(all: Iterable<T>, { userId }: Ledger): T[] =>
  [...all].filter((one) => one.userId === userId);
const eventsOf = ({ d1 }: Look, ledger: Ledger): History['events'] | undefined =>
  d1.events && ofUser(d1.events, ledger);
const sumOf = (events: History['events'], type: string): number =>
  sum(events.filter((event) => event.type === type).map(({ amount }) => amount));

/** At every moment, in the middle of anything. */
export const ALWAYS: Promises = {
  'balance, held and spent add up to what was granted, and none is negative': ({ ledgers }) =>
    each(
      ledgers.map(({ userId, account }) => ({ userId, ...account })),
      ({ balance, held, spent, granted }) =>
        balance + held + spent !== granted || !(Math.min(balance, held, spent) >= 0),
      ({ userId, balance, held, spent, granted }) => `${userId}: ${balance} + ${held} + ${spent} ≠ ${granted}`,
    ),

  'held is what live jobs hold, spent what ended ones were charged': (look) =>
    eachLedger(look, (ledger) => {
      const { held, spent } = ledger.account;
      const holds = sum(live(ledger).map(({ amount }) => amount));
      return { is: [held, spent], be: [holds, sum(ledger.holds.map(({ charged }) => charged ?? 0))] };
    }),

  'granted is what sign-up, plans and operators gave, each once': (look) =>
    eachLedger(look, ({ userId, account }) => {
      const given = look.given?.get(userId);
      return given && { is: account.granted, be: sum(given.values()) };
    }),

  'a photo is done or failed, not both': ({ jobs }) =>
    each(
      jobs,
      ({ done, failed }) => done.some((idx) => failed.includes(idx)),
      ({ jobId, done, failed }) => `${jobId}: done ${done}, failed ${failed}`,
    ),

  'a job is done when a photo is done, and failed when none is': ({ jobs }) =>
    each(
      jobs,
      ({ status, done }) => (status === 'done' && done.length === 0) || (status === 'failed' && done.length > 0),
      ({ jobId, status, done }) => `${jobId}: ${status} with ${done.length} done`,
    ),

  'the charge is one credit for each photo that is done, decided once the job has ended': ({ jobs, ledgers }) => {
    // What was spent by a user who deletes himself in the middle of a job goes with his ledger.
    const gone = new Set(ledgers.flatMap(({ userId, erased }) => (erased ? [userId] : [])));
    const isUncharged = ({ userId, deleted, charged }: SeenJob) => gone.has(userId) && deleted && charged === 0;
    return each(
      jobs,
      (job) => job.charged !== null && !(ended(job) && (job.charged === job.done.length || isUncharged(job))),
      ({ jobId, status, charged, done }) => `${jobId}: ${status}, charged ${charged} for ${done.length} photos`,
    );
  },
};

/** At every moment at which D1 has heard of all that the users' objects have to tell it. */
export const ONCE_TOLD: Promises = {
  "D1 shows the user's plan and credits, granted less spent": (look) =>
    eachLedger(look, (ledger) => {
      const { users } = look.d1;
      const [is, plan] = [users?.get(ledger.userId), ledger.account.plan];
      return (
        users && {
          is: `D1 shows ${is?.plan}, ${is?.credits} credits`,
          be: `D1 shows ${plan}, ${credits(ledger)} credits`,
        }
      );
    }),

  "the receipts in D1 add up to the user's credits": (look) =>
    eachLedger(look, (ledger) => {
      const events = eventsOf(look, ledger);
      return (
        events && { is: `D1 billed ${sum(events.map(({ amount }) => amount))}`, be: `D1 billed ${credits(ledger)}` }
      );
    }),

  'every charge in D1 is that of one job, one credit for each photo that it shows as done': ({
    d1: { events = [], jobs },
  }) =>
    events.flatMap(({ type, amount, ref }) => {
      const done = type === 'charge' && ref !== null ? jobs?.get(ref)?.done : undefined;
      return done === undefined || -amount === done ? [] : [`job ${ref} was charged ${-amount} for ${done} photos`];
    }),

  'D1 knows nothing of who was deleted': ({ ledgers, d1 }) =>
    ledgers.flatMap((ledger) => {
      const { userId } = ledger;
      const left = [
        ...(d1.users?.has(userId) ? ['users'] : []),
        ...(d1.rules?.has(userId) ? ['rules'] : []),
        ...(ofUser(d1.jobs?.values() ?? [], ledger).length > 0 ? ['jobs_log'] : []),
        ...(ofUser(d1.events ?? [], ledger).length > 0 ? ['billing_events'] : []),
      ];
      return ledger.erased && left.length > 0 ? [`${userId}: was deleted, and D1 still knows him: ${left}`] : [];
    }),

  'D1 has photos of jobs that it shows, and of no other': ({ d1: { jobs, items } }) =>
    jobs === undefined
      ? []
      : each(
          items?.keys() ?? [],
          (jobId) => !jobs.has(jobId),
          (jobId) => `photos of ${jobId}`,
        ),
};

const MINTED = /^(inputs|outputs|previews|masks)\/usr_[\w-]{22}\/[0-9a-f]{64}\/\d{1,3}(\.jpg|_\w+\.(png|jpg|json))$/;
/** At every moment, where users and jobs have the ids that the Worker gives them. */
export const KEYS: Promises = {
  'R2 holds no key that the server does not mint': ({ stored = new Set() }) =>
    each(
      stored,
      (key) => !MINTED.test(key),
      (key) => `R2 holds ${key}`,
    ),
};

const shown = ({ jobs }: Look): SeenJob[] => jobs.filter(({ deleted }) => !deleted);
const rowOf = ({ userId, status, done, failed, total }: SeenJob) => ({
  userId,
  status,
  done: done.length,
  failed: failed.length,
  total,
});
const photosOf = ({ total, done, failed }: SeenJob): string[] =>
  Array.from({ length: total }, (_, idx) =>
    done.includes(idx) ? 'done' : failed.includes(idx) ? 'failed' : 'canceled',
  );
const within = <T>(all: ReadonlyMap<string, T>, ids: Iterable<string>): [string, T | undefined][] =>
  [...ids].map((id) => [id, all.get(id)]);

/** With every failure over, all messages delivered and the clock moved until nothing is due. */
export const AT_REST: Promises = {
  'every job has ended and is charged': ({ jobs }) =>
    each(
      jobs,
      (job) => !ended(job) || job.charged === null,
      ({ jobId, status, charged }) => `${jobId}: ${status}, charged ${charged}`,
    ),

  'no credit is held and no slot taken': ({ ledgers }) =>
    each(
      ledgers,
      (ledger) => ledger.account.held > 0 || live(ledger).length > 0 || (ledger.slots ?? 0) > 0,
      (ledger) => `${ledger.userId}: ${ledger.account.held} held, ${ledger.slots ?? live(ledger).length} slots`,
    ),

  'nothing is owed': ({ ledgers, jobs }) => [
    ...each(
      ledgers,
      ({ owed = 0 }) => owed > 0,
      ({ userId, owed }) => `${userId}: ${owed}`,
    ),
    ...each(
      jobs,
      ({ owes }) => owes.length > 0,
      ({ jobId, owes }) => `${jobId}: ${owes}`,
    ),
  ],

  'a hold was charged what its job says, and ended as it did': ({ ledgers, jobs }) => {
    const byId = new Map(jobs.map((job) => [job.jobId, job]));
    return ledgers.flatMap(({ holds }) =>
      holds.flatMap(({ jobId, charged, outcome }) => {
        const job = byId.get(jobId);
        if (job === undefined || (job.charged === charged && (outcome?.status ?? job.status) === job.status)) return [];
        return [`${jobId}: ${job.status}, charged ${job.charged}; the ledger has ${outcome?.status}, ${charged}`];
      }),
    );
  },

  'the receipts are the grants and the charges, each once': (look) =>
    eachLedger(look, (ledger) => {
      const events = eventsOf(look, ledger);
      const given = look.given?.get(ledger.userId);
      if (events === undefined) return undefined;
      const charges = ledger.holds.flatMap(({ jobId, charged }) =>
        charged ? [[`charge:${jobId}`, -charged] as const] : [],
      );
      const grants = given && [...given].map(([key, amount]) => [`grant:${ledger.userId}:${key}`, amount] as const);
      const seen = events.filter(({ type }) => type === 'charge' || grants !== undefined);
      const is = seen.map(({ id, amount }) => [id, amount] as const).sort();
      return { is: [is, sumOf(events, 'grant')], be: [[...(grants ?? []), ...charges].sort(), ledger.account.granted] };
    }),

  "D1 shows the user's rules": (look) =>
    eachLedger(look, ({ userId, rules }) => {
      const { rules: all } = look.d1;
      return rules && all && { is: all.get(userId) ?? new Map(), be: rules };
    }),

  'D1 shows every job that was not deleted as it ended, and no other': (look) => {
    const { jobs } = look.d1;
    return eachLedger(look, (ledger) => {
      const is = jobs && new Map([...jobs].filter(([, { userId }]) => userId === ledger.userId));
      return is && { is, be: new Map(ofUser(shown(look), ledger).map((job) => [job.jobId, rowOf(job)])) };
    });
  },

  'D1 shows every photo of those jobs as it ended, and none of a job that was never executed': (look) => {
    const { items } = look.d1;
    return eachLedger(look, (ledger) => {
      const mine = ofUser(look.jobs, ledger);
      const be = new Map(
        shown(look)
          .filter((job) => job.ran)
          .map((job) => [job.jobId, photosOf(job)]),
      );
      const ids = mine.map(({ jobId }) => jobId).sort();
      return items && { is: within(items, ids), be: within(be, ids) };
    });
  },

  'the result of every photo that is done lies in R2 as long as it is kept': ({ jobs, stored }) =>
    shownKept(jobs).flatMap((job) =>
      each(
        job.done.map((idx) => outputKey(job, idx)),
        (key) => stored?.has(key) === false,
        (key) => key,
      ),
    ),

  'the day of all counts no photo that never reached the provider': ({ jobs, counted }) =>
    each(
      jobs,
      ({ jobId, sent = 0, charged }) => (counted?.get(jobId) ?? 0) > Math.max(sent, charged ?? 0),
      ({ jobId, sent }) => `${jobId}: ${counted?.get(jobId)} counted, ${sent} sent`,
    ),
};

const shownKept = (jobs: SeenJob[]): SeenJob[] => jobs.filter(({ kept, deleted }) => kept && !deleted);

/** Once clean-up is over as well. */
export const TIDY: Promises = {
  'R2 holds what belongs to done photos, the photos of jobs that were executed, and nothing else': ({
    jobs,
    stored,
  }) => {
    const kept = shownKept(jobs);
    const done = new Map(kept.map((job) => [`${job.userId}/${job.jobId}`, job.done]));
    const executed = kept.filter(({ ran }) => ran);
    const inputs = new Set(executed.map(({ userId, jobId, source = jobId }) => `${userId}/${source}`));
    return each(
      stored ?? [],
      (key) => {
        const [kind, userId, jobId] = key.split('/');
        const folder = `${userId}/${jobId}`;
        return kind === 'inputs' ? !inputs.has(folder) : !done.get(folder)?.includes(indexOfKey(key) ?? -1);
      },
      (key) => key,
    );
  },
};

/** When everything has outlived its time. */
export const AFTER_RETENTION: Promises = {
  'the job has deleted its own storage, and has no alarm': ({ remains = [] }) =>
    each(
      remains,
      ({ kind, tables, alarm }) => kind !== 'none' || tables > 0 || alarm !== null,
      ({ jobId, kind, alarm }) => `${jobId}: ${kind}, alarm ${alarm}`,
    ),
  'nothing lies in R2': ({ stored }) => [...(stored ?? [])],
};
