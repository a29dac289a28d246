/**
 * Settings that are each good and do not fit together. Whoever sets one of them may not think of the other, so both are named before
 * anything is touched.
 */
import { MAX_PHOTOS } from '../contract/limits.ts';
import { PLANS } from '../domain/plans.ts';
import type { NumberName } from './names.ts';

type Numbers = Record<NumberName, number>;
type Rule = {
  name: NumberName;
  /** The setting that it does not fit to; left out where that is no setting. */
  other?: NumberName;
  isWrong: (numbers: Numbers) => boolean;
  /** Follows the first name, and comes before the second if there is one. */
  wrong: string;
};

const DAY = 86_400_000;

const longer = (name: NumberName, other: NumberName, unit = 1, otherUnit = 1): Rule => ({
  name,
  other,
  isWrong: (numbers) => numbers[name] * unit > numbers[other] * otherUnit,
  wrong: 'is longer than',
});

const RULES: readonly Rule[] = [
  // The job would be called off while its upload URLs are good.
  longer('UPLOAD_URL_SECONDS', 'JOB_CREATED_MS', 1000),
  // No lease would ever end, so that what a provider lost is never sent again.
  longer('JOB_LEASE_MS', 'JOB_EXECUTION_MS'),
  {
    name: 'JOB_ATTEMPT_PER_PHOTO_MS',
    other: 'JOB_LEASE_MS',
    // SigV4 allows no more: the URLs would end while the attempt lasts.
    isWrong: (numbers) => MAX_PHOTOS * numbers.JOB_ATTEMPT_PER_PHOTO_MS + numbers.JOB_LEASE_MS > 7 * DAY,
    wrong: `makes an attempt at ${MAX_PHOTOS} photos longer than the week for which URLs can be signed, together with`,
  },
  // Storage would be looked at for the last time when the results are long gone, and the job kept for that alone.
  longer('JOB_LAST_LOOK_MS', 'JOB_RESULT_RETENTION_MS'),
  // What an object still holds would be forgotten.
  longer('JOB_RESULT_RETENTION_MS', 'HISTORY_DAYS', 1, DAY),
  // The reservation would be given up while its job is being made.
  longer('EFFECT_TIMEOUT_MS', 'HOLD_CHECK_MS'),
  // A socket without a subscription would be closed by the other limit first.
  longer('WATCH_IDLE_MS', 'WATCH_SOCKET_MS'),
];

/** A job's photos count in full until it settles: one with all that a plan allows could never be executed. */
const UNPAID: readonly Rule[] = (['free', 'pro'] as const).map((plan) => {
  const { photosPerJob } = PLANS[plan];
  const name = plan === 'free' ? 'FREE_DAILY_UNPAID_PHOTOS' : 'PRO_DAILY_UNPAID_PHOTOS';
  return {
    name,
    isWrong: (numbers) => numbers[name] < photosPerJob,
    wrong: `is less than the ${photosPerJob} photos that a job of this plan may have`,
  };
});

/** Left out, the rounding goes along with the life of the URLs (storage/presign.ts). */
const WHERE_SET: readonly Rule[] = [
  {
    name: 'DOWNLOAD_ROUNDING_SECONDS',
    other: 'DOWNLOAD_URL_SECONDS',
    isWrong: (numbers) => numbers.DOWNLOAD_ROUNDING_SECONDS > Math.max(1, numbers.DOWNLOAD_URL_SECONDS / 2),
    wrong: 'is longer than half of',
  },
];

/** @param isSet whether a setting was given, and is not the default */
export function contradictions(numbers: Numbers, isSet: (name: NumberName) => boolean): Omit<Rule, 'isWrong'>[] {
  return [...RULES, ...UNPAID, ...WHERE_SET.filter(({ name }) => isSet(name))].filter(({ isWrong }) =>
    isWrong(numbers),
  );
}
