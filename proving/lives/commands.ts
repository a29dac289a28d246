/**
 * What can happen, as data: fast-check makes fifty of these from a seed. Numbers only pick: `job: 5` is the job with index 5
 * modulo their count, so that every command means something in every world and any of them can be left out.
 */
import fc from 'fast-check';
import { type How, PLACES, type Place } from './outside.ts';
import { PROVIDER_ANSWERS, type ProviderAnswer, RUN_STATUSES, type RunStatus } from './provider.ts';

type UserCommand =
  | { do: 'sign-up'; again: boolean }
  | { do: 'create-rule'; user: number }
  | { do: 'update-rule'; user: number; rule: number }
  | { do: 'delete-rule'; user: number; rule: number }
  | { do: 'set-plan'; user: number; plan: 'free' | 'pro' }
  | { do: 'grant'; user: number; key: number; amount: number };
type JobCommand =
  | { do: 'create'; user: number; photos: number }
  | { do: 'create-again'; job: number; other: boolean }
  | { do: 'create-from'; job: number; photos: number[] | null }
  | { do: 'put-inputs'; job: number; photos: number[] | null; wrong: boolean }
  | { do: 'renew'; job: number }
  | { do: 'confirm'; job: number }
  | { do: 'execute'; job: number; key: number; rule: number | null }
  | { do: 'cancel'; job: number; key: number }
  | { do: 'delete'; job: number }
  /** What would come next for this job if all went well. */
  | { do: 'advance'; job: number };
/** `own`: that of the run that the photo is in; `other`: that of another run, or of one that is still to come. Workers need send none. */
export type Named = 'own' | 'other' | 'old' | 'none';
export type ReportItem = { idx: number; failed: boolean; attempt: Named; preview: boolean };
type GpuCommand =
  | { do: 'deliver'; first: number; count: number }
  | { do: 'redeliver'; message: number }
  | { do: 'drop'; message: number }
  | { do: 'dead-letter'; message: number; old: boolean }
  | { do: 'provider-answers'; answers: ProviderAnswer[] }
  /** The runs of a job take these in turn. */
  | { do: 'provider-says'; statuses: RunStatus[] }
  | { do: 'put-results'; job: number; photos: number[] }
  | { do: 'report'; job: number; items: ReportItem[]; put: boolean };
type WorldCommand =
  | { do: 'wait'; ms: number }
  /** `sick`: so many of the first writes fail in it, in whichever object. */
  | { do: 'alarm'; object: number; jump: boolean; sick: number }
  | { do: 'evict'; object: number }
  /** As after six tries that failed; the object is out of memory as well. */
  | { do: 'lose-alarm'; object: number }
  /** So many of the next alarms cannot be set, as when a free quota is gone. */
  | { do: 'refuse-alarms'; times: number }
  /** The object was in the hands of a later release, which was taken back. */
  | { do: 'stamp-later'; object: number }
  | { do: 'break'; place: Place; how: How; times: number }
  | { do: 'let-go' }
  | { do: 'heal' }
  | { do: 'reconcile'; user: number };
export type Single = UserCommand | JobCommand | GpuCommand | WorldCommand;
/** Several at the same time. */
export type Command = Single | { do: 'together'; all: Single[] };

const pick = fc.nat(60);
const key = fc.nat(1);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 2 });
const few = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 });
/** Mostly what goes in one run or two, and sometimes in several. */
const photos = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 9 }) },
);
const reportItem: fc.Arbitrary<ReportItem> = fc.record({
  idx: fc.nat(8),
  failed: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  attempt: fc.constantFrom<Named>('own', 'own', 'none', 'none', 'old', 'other'),
  preview: fc.boolean(),
});

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WAITS = [
  SECOND,
  31 * SECOND,
  3 * MINUTE,
  8 * MINUTE,
  16 * MINUTE,
  61 * MINUTE,
  5 * HOUR,
  25 * HOUR,
  31 * 24 * HOUR,
];

/** Weight and recipe of each; the weights keep jobs moving while everything goes wrong around them. */
const forUsers: [number, fc.Arbitrary<Single>][] = [
  [1, fc.record({ do: fc.constant('sign-up'), again: fc.boolean() })],
  [3, fc.record({ do: fc.constant('create-rule'), user: pick })],
  [1, fc.record({ do: fc.constant('update-rule'), user: pick, rule: pick })],
  [2, fc.record({ do: fc.constant('delete-rule'), user: pick, rule: pick })],
  [2, fc.record({ do: fc.constant('set-plan'), user: pick, plan: fc.constantFrom('free', 'pro') })],
  [1, fc.record({ do: fc.constant('grant'), user: pick, key, amount: fc.integer({ min: 1, max: 5 }) })],
];
const forJobs: [number, fc.Arbitrary<Single>][] = [
  [7, fc.record({ do: fc.constant('create'), user: pick, photos })],
  [2, fc.record({ do: fc.constant('create-again'), job: pick, other: fc.boolean() })],
  [3, fc.record({ do: fc.constant('create-from'), job: pick, photos: orNull(few) })],
  [2, fc.record({ do: fc.constant('put-inputs'), job: pick, photos: orNull(few), wrong: fc.boolean() })],
  [3, fc.record({ do: fc.constant('renew'), job: pick })],
  [2, fc.record({ do: fc.constant('confirm'), job: pick })],
  [3, fc.record({ do: fc.constant('execute'), job: pick, key, rule: orNull(pick) })],
  [4, fc.record({ do: fc.constant('cancel'), job: pick, key })],
  [3, fc.record({ do: fc.constant('delete'), job: pick })],
  [22, fc.record({ do: fc.constant('advance'), job: pick })],
];
const forGpu: [number, fc.Arbitrary<Single>][] = [
  [5, fc.record({ do: fc.constant('deliver'), first: pick, count: fc.integer({ min: 1, max: 3 }) })],
  [2, fc.record({ do: fc.constant('redeliver'), message: pick })],
  [2, fc.record({ do: fc.constant('drop'), message: pick })],
  [2, fc.record({ do: fc.constant('dead-letter'), message: pick, old: fc.boolean() })],
  [
    3,
    fc.record({
      do: fc.constant('provider-answers'),
      answers: fc.array(fc.constantFrom(...PROVIDER_ANSWERS), { minLength: 1, maxLength: 3 }),
    }),
  ],
  [
    3,
    fc.record({
      do: fc.constant('provider-says'),
      statuses: fc.array(fc.constantFrom(...RUN_STATUSES), { minLength: 1, maxLength: 3 }),
    }),
  ],
  [2, fc.record({ do: fc.constant('put-results'), job: pick, photos: few })],
  [
    11,
    fc.record({
      do: fc.constant('report'),
      job: pick,
      items: fc.array(reportItem, { minLength: 1, maxLength: 4 }),
      put: fc.boolean(),
    }),
  ],
];
const breakage = fc.record({
  do: fc.constant('break' as const),
  place: fc.constantFrom(...PLACES, 'd1', 'd1', 'd1', 'list', 'list', 'send', 'settle', 'settle'),
  how: fc.constantFrom<How>('fail', 'fail', 'lose', 'hold', 'slow'),
  times: fc.integer({ min: 1, max: 3 }),
});
const forWorld: [number, fc.Arbitrary<Single>][] = [
  [6, fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(...WAITS) })],
  [
    8,
    fc.record({ do: fc.constant('alarm'), object: pick, jump: fc.boolean(), sick: fc.constantFrom(0, 0, 0, 0, 1, 4) }),
  ],
  [3, fc.record({ do: fc.constant('evict'), object: pick })],
  [2, fc.record({ do: fc.constant('lose-alarm'), object: pick })],
  [2, fc.record({ do: fc.constant('refuse-alarms'), times: fc.integer({ min: 1, max: 4 }) })],
  [1, fc.record({ do: fc.constant('stamp-later'), object: pick })],
  [9, breakage],
  [4, fc.record({ do: fc.constant('let-go') })],
  [2, fc.record({ do: fc.constant('heal') })],
  [1, fc.record({ do: fc.constant('reconcile'), user: pick })],
];

const weighted = (table: [number, fc.Arbitrary<Single>][]): fc.Arbitrary<Single> =>
  fc.oneof(...table.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const single = weighted([...forUsers, ...forJobs, ...forGpu, ...forWorld]);
const together: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('together'),
  all: fc.array(weighted([...forUsers, ...forJobs, ...forGpu, ...forWorld.slice(1, 2)]), {
    minLength: 2,
    maxLength: 4,
  }),
});
const command: fc.Arbitrary<Command> = fc.oneof({ weight: 12, arbitrary: single }, { weight: 1, arbitrary: together });

/** The commands of a seed: always the same ones. */
export function commandsOf(seed: number, length: number): Command[] {
  const sequence = fc.array(command, { minLength: length, maxLength: length });
  const [commands] = fc.sample(sequence, { seed, numRuns: 1 });
  return commands ?? [];
}
