/** The choices of a set beside its pictures, and the button that makes it. */
import type { Preset } from '@s3-workers/client-sdk';
import { CHANNELS, describeChanges, planSet, TEMPLATES, type TemplateId } from '@s3-workers/client-sdk/sets';
import { useMemo, useState } from 'react';
import type { Look } from '../app/looks.ts';
import { useMarks } from '../app/marks.ts';
import { hashOf } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { useLanguage } from '../words/language.ts';
import { changesOf, contentsOf } from './contents.ts';
import { type Made, useMaking } from './making.ts';
import type { StoredSet } from './messages.ts';
import { type Chosen, Options } from './options.tsx';
import { Previews } from './previews.tsx';
import { singlesOf } from './singles.ts';
import type { SetWords } from './words.ts';

interface SetDeskProps {
  jobIds: readonly string[];
  looks: readonly Look[];
  preset: Preset;
  words: SetWords;
}

/** Longest side of a preview, in pixels. */
const PREVIEW = 1000;

const choiceOf = (template: TemplateId): Pick<Chosen, 'template' | 'channel' | 'disclose'> => {
  const { channel, disclose } = TEMPLATES[template];
  return { template, channel, disclose };
};

export function SetDesk({ jobIds, looks, preset, words }: SetDeskProps) {
  const language = useLanguage();
  const [chosen, setChosen] = useState<Chosen>(() => ({
    ...choiceOf((preset.outputTemplates[0]?.id ?? 'before-after') as TemplateId),
    singles: true,
    look: 0,
  }));
  const { template, channel, disclose, look } = chosen;
  const showsOne = TEMPLATES[template].looks === 1;
  const first = looks[look] ?? (looks[0] as Look);
  const [marks] = useMarks(first.jobId);
  const { set, plan, contents } = useMemo(() => {
    const shown = showsOne ? [first] : looks;
    const own = contentsOf(showsOne ? [first] : looks, marks);
    const made: StoredSet = {
      ...{ template, preset, language, channel, disclose },
      looks: changesOf(shown),
      photos: own.photos,
    };
    return { set: made, plan: planSet(made), contents: own };
  }, [showsOne, first, looks, marks, template, preset, language, channel, disclose]);
  const small = useMemo(() => ({ ...set, channel: smaller(set) }), [set]);
  const { made, make, stop } = useMaking();
  const singles = chosen.singles ? singlesOf(contents.photos, showsOne ? 1 : looks.length, words) : [];
  const order = () => {
    const changes = set.looks.map((one) => describeChanges(one, preset, language).text);
    const file = `${template} ${new Date().toLocaleDateString('sv')}.zip`;
    return make({
      set,
      pictures: plan.pictures.length,
      changes: disclose ? changes.join('\n') : null,
      singles,
      name: file,
    });
  };
  if (contents.finished === 0) return <p className="text-soft">{words.nothing}</p>;
  return (
    <div className="grid gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <div className="grid content-start gap-5">
        <Options
          preset={preset}
          language={language}
          chosen={chosen}
          looks={showsOne ? looks.length : 1}
          words={words}
          onTemplate={(id) => setChosen({ ...chosen, ...choiceOf(id) })}
          onChange={(change) => setChosen({ ...chosen, ...change })}
        />
        <p>
          {words.goesIn(contents.photos.length, contents.finished)}{' '}
          <a href={hashOf({ step: 'review', jobIds })} className="text-accent underline">
            {words.toReview}
          </a>
        </p>
        {disclose && set.looks.some(({ concepts }) => Object.keys(concepts).length === 0) && (
          <p className="text-sm text-soft">{words.unknownChange}</p>
        )}
        {plan.leftOut.length > 0 && (
          <div className="text-sm">
            <h2 className="font-medium">{words.leftOut}</h2>
            <ul>
              {plan.leftOut.map(({ index, name, reason }) => (
                <li key={index}>{`${name}: ${words.reasons[reason]}`}</li>
              ))}
            </ul>
          </div>
        )}
        <Download made={made} disabled={plan.pictures.length === 0} words={words} onMake={order} onStop={stop} />
      </div>
      <section aria-label={words.preview}>
        <h2 className="mb-3 font-medium">
          {words.preview} <span className="font-normal text-soft">{words.pictures(plan.pictures.length)}</span>
        </h2>
        {plan.pictures.length > 0 && <Previews set={small} total={plan.pictures.length} words={words} />}
      </section>
    </div>
  );
}

/** The same proportions, drawn in a moment. */
function smaller({ channel, template }: StoredSet): StoredSet['channel'] {
  const named = channel ?? TEMPLATES[template].channel;
  const size =
    (typeof named === 'string' ? CHANNELS[named] : named) ?? (CHANNELS.web as { width: number; height: number });
  const scale = Math.min(1, PREVIEW / Math.max(size.width, size.height));
  return { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
}

interface DownloadProps {
  made: Made;
  disabled: boolean;
  words: SetWords;
  onMake(): void;
  onStop(): void;
}

function Download({ made, disabled, words, onMake, onStop }: DownloadProps) {
  const isMaking = made.state === 'making';
  return (
    <div className="sticky bottom-0 grid gap-2 bg-paper py-3">
      {isMaking ? (
        <Button onClick={onStop}>{words.cancel}</Button>
      ) : (
        <Button kind="primary" disabled={disabled} onClick={onMake}>
          {words.download}
        </Button>
      )}
      {isMaking && (
        <progress aria-label={words.heading} value={made.done} max={made.total} className="h-2 w-full accent-accent" />
      )}
      <p role="status" className="text-sm">
        {toldOf(made, words)}
      </p>
    </div>
  );
}

function toldOf(made: Made, words: SetWords): string {
  switch (made.state) {
    case 'none':
      return '';
    case 'making':
      return words.making(made.done, made.total);
    case 'stopped':
      return words.stopped;
    case 'done':
      return words.done(made.name);
    case 'failed':
      return made.photo === null ? (made.told ?? words.failed) : words.notFetched(made.photo);
  }
}
