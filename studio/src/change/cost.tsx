/** What it will cost, what stands in its way, and the button that begins it. */
import type { Estimate, PresetId } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Options } from '@s3-workers/client-sdk/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { kept, useKept } from '../app/kept.ts';
import { hashOf } from '../app/place.ts';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { type ChangeWords, changeWords } from './words.ts';

/** Photos that `jobs.estimate` can be asked about. */
const MOST = 200;

/** What a job may cost; null for whatever it does. */
const limit = kept<number | null>('limit', null, (value) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null,
);
export const useLimit = (): number | null => useKept(limit);

export interface Cost {
  credits: number | null;
  balance: number | null;
  /** Why it can't begin, in words; null if it can. */
  obstacle: string | null;
  /** Photos of the plan, where there are too many. */
  most: number | null;
  /** Another job is in the way. */
  isOther: boolean;
  /** Nobody knows yet. */
  isOpen: boolean;
}

/** @param count photos that will be sent */
export function useCost(preset: PresetId, count: number): Cost {
  const w = useWords(changeWords);
  const language = useLanguage();
  const s3 = useS3Options();
  const most = useLimit();
  const isAskable = count > 0 && count <= MOST;
  const me = useQuery(s3.user.me.queryOptions());
  const estimate = useQuery(
    s3.jobs.estimate.queryOptions(
      { preset, photos: Math.min(count, MOST) },
      { enabled: isAskable, placeholderData: keepPreviousData, staleTime: 5_000, refetchInterval: 15_000 },
    ),
  );
  const plan = me.data?.limits.photosPerJob ?? MOST;
  const tooMany = count > Math.min(plan, MOST) ? Math.min(plan, MOST) : null;
  const { data } = estimate;
  const obstacle =
    tooMany !== null
      ? w.tooMany(tooMany, count)
      : data === undefined
        ? estimate.error && errorText(estimate.error, language)
        : obstacleIn(data, most, w);
  return {
    credits: data?.credits ?? null,
    balance: data?.balance ?? me.data?.credits.balance ?? null,
    obstacle: count === 0 ? null : obstacle,
    most: tooMany,
    isOther: tooMany === null && data?.reason === 'CONCURRENCY_LIMIT',
    isOpen: count > 0 && obstacle === null && data === undefined,
  };
}

function obstacleIn({ credits, balance, reason }: Estimate, most: number | null, w: ChangeWords): string | null {
  if (reason === 'CREDITS_EXHAUSTED') return w.tooFewCredits(credits, balance);
  if (reason === 'CONCURRENCY_LIMIT') return w.otherJob;
  // That as many jobs were made today as the plan has is the server's to say, and until when.
  return most !== null && credits > most ? w.overLimit(credits, most) : null;
}

/** @param children what can be done about what stands in the way */
export function CostNote({ cost, children }: { cost: Cost; children?: ReactNode }) {
  const w = useWords(changeWords);
  if (cost.obstacle !== null) {
    return (
      <p role="alert" className="text-bad">
        {cost.obstacle}{' '}
        {cost.isOther && (
          <a href={hashOf({ step: 'history' })} className="underline">
            {w.toHistory}
          </a>
        )}
        {children}
      </p>
    );
  }
  return (
    <p>
      {cost.credits !== null && <span className="font-medium text-ink">{w.cost(cost.credits)}</span>}
      {cost.balance !== null && <span> · {w.balance(cost.balance)}</span>}
      <span className="hidden sm:inline"> · {w.costNote}</span>
    </p>
  );
}

export function Limit() {
  const w = useWords(changeWords);
  const most = useLimit();
  return (
    <label className="flex items-center justify-between gap-3">
      <span>
        <span className="block font-semibold">{w.limit}</span>
        <span className="block text-sm text-soft">{w.limitNote}</span>
      </span>
      <input
        type="number"
        inputMode="numeric"
        min={1}
        step={1}
        placeholder={w.noLimit}
        value={most ?? ''}
        onChange={({ target }) =>
          limit.put(Math.trunc(target.valueAsNumber) > 0 ? Math.trunc(target.valueAsNumber) : null)
        }
        className="min-h-11 w-24 rounded-lg border border-edge bg-paper px-3 text-right tabular-nums placeholder:text-soft"
      />
    </label>
  );
}
