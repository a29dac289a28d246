/** What to change in the photos, and what to leave alone; what it will cost; and off it goes. */
import type { Preset, PresetId } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useJob, useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { factsOf, useFactsVersion } from '../album/facts.ts';
import { takeOut } from '../album/take-out.ts';
import { tallyOf } from '../album/tally.ts';
import { Unfinished } from '../album/unfinished.tsx';
import { useAlbum } from '../app/album.ts';
import { useBegin } from '../app/begin.ts';
import { useKept } from '../app/kept.ts';
import { goTo } from '../app/place.ts';
import { Again } from '../parts/again.tsx';
import { Bottom } from '../parts/bottom.tsx';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { type Choice, choiceIn, choices, protectOf, withChoice } from './choice.ts';
import { CostNote, Limit, useCost, useLimit } from './cost.tsx';
import { ChangePanel } from './panel.tsx';
import { Rules } from './rules.tsx';
import { Seen } from './seen.tsx';
import { changeWords } from './words.ts';

/** @param from a job whose photos are looked at in another way; null for the files of the album */
export default function Change({ from }: { from: string | null }) {
  const language = useLanguage();
  const presets = useQuery(
    useS3Options().presets.list.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  if (presets.data !== undefined) return <Chosen from={from} presets={presets.data} />;
  if (presets.error === null) return null;
  return (
    <div role="alert" className="space-y-3 p-4 sm:p-6">
      <p>{errorText(presets.error, language)}</p>
      <Again onClick={() => void presets.refetch()} />
    </div>
  );
}

function Chosen({ from, presets }: { from: string | null; presets: readonly Preset[] }) {
  const w = useWords(changeWords);
  const kept = useKept(choices);
  const given = usePresetOf(from);
  if (given === undefined) return null;
  // The photos of a job have theirs already.
  const all = given === null ? kept : { ...kept, preset: given };
  const preset = presets.find(({ id }) => id === all.preset) ?? presets[0];
  if (preset === undefined) return null;
  const choice = choiceIn(all);
  const onChange = (next: typeof choice) => choices.put(withChoice(all, next));
  return (
    <>
      <Unfinished />
      <div className="grid flex-1 items-start gap-6 p-4 sm:p-6 lg:grid-cols-[minmax(0,1fr)_26rem]">
        <section aria-labelledby="change-heading" className="min-w-0 space-y-4 lg:order-2">
          <h1 id="change-heading" className="font-semibold text-xl">
            {from === null ? w.heading : w.anotherHeading}
          </h1>
          {from !== null && <p className="text-soft">{w.anotherNote}</p>}
          <ChangePanel
            presets={presets}
            preset={preset}
            choice={choice}
            onChange={onChange}
            onPreset={from === null ? (id) => choices.put({ ...all, preset: id }) : undefined}
          />
          <hr className="border-line" />
          <Rules preset={preset} choice={choice} onChange={onChange} />
          <hr className="border-line" />
          <Limit />
        </section>
        <Seen from={from} />
      </div>
      <Go from={from} preset={preset} choice={choice} />
    </>
  );
}

function Go({ from, preset, choice }: { from: string | null; preset: Preset; choice: Choice }) {
  const w = useWords(changeWords);
  const album = useAlbum();
  const job = useJob(from);
  const begin = useBegin();
  const maxCredits = useLimit();
  useFactsVersion();
  const tally = tallyOf(album.files, factsOf);
  const count = from === null ? tally.good : job.items.length;
  const cost = useCost(preset.id, count);
  if (from === null && album.photos.length === 0) {
    return (
      <Bottom note={w.noPhotos}>
        <Button kind="primary" onClick={() => goTo({ step: 'album' })}>
          {w.toAlbum}
        </Button>
      </Bottom>
    );
  }
  if (album.running) {
    return (
      <Bottom note={w.underWay}>
        <Button kind="primary" onClick={() => goTo({ step: 'run', jobId: album.jobId })}>
          {w.toRun}
        </Button>
      </Bottom>
    );
  }
  const isNothing = Object.keys(choice.concepts).length === 0;
  const isLooking = from === null && tally.open > 0;
  const chosen = { preset: preset.id, concepts: choice.concepts, protect: protectOf(choice, preset), maxCredits };
  const most = from === null ? cost.most : null;
  return (
    <Bottom
      note={
        isNothing ? (
          w.nothingYet
        ) : isLooking ? (
          w.looking
        ) : (
          <CostNote cost={cost}>{most !== null && <TakeOutLast most={most} />}</CostNote>
        )
      }
    >
      <Button
        kind="primary"
        disabled={isNothing || isLooking || count === 0 || cost.obstacle !== null || cost.isOpen}
        onClick={() => (from === null ? begin.album(chosen) : begin.look(from, chosen))}
      >
        {w.apply(count)}
      </Button>
    </Bottom>
  );
}

/** That of a job's photos; null where there is no job, undefined until it is known. */
function usePresetOf(jobId: string | null): PresetId | null | undefined {
  const { data, error } = useQuery(
    useS3Options().jobs.get.queryOptions({ jobId: jobId ?? '' }, { enabled: jobId !== null }),
  );
  return jobId === null || error !== null ? null : data?.preset;
}

/** What is beyond the photos of the plan. */
function TakeOutLast({ most }: { most: number }) {
  const w = useWords(changeWords);
  const album = useAlbum();
  const good = album.photos.filter(({ file }) => factsOf(file).refused === null);
  const beyond = new Set(good.slice(most).map(({ id }) => id));
  return (
    <button type="button" className="min-h-9 underline" onClick={() => takeOut(album, ({ id }) => beyond.has(id))}>
      {w.takeOutLast(beyond.size)}
    </button>
  );
}
