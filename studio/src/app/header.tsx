/** Where one is on the way, what is left to spend, and the two doors beside it: history, and the other language. */
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { useWords } from '../words/index.ts';
import { chooseLanguage, useLanguage } from '../words/language.ts';
import { useRunOf } from './album.ts';
import { hashOf, usePlace } from './place.ts';
import { STEPS, wayFrom } from './way.ts';
import { appWords } from './words.ts';

export function Header() {
  const w = useWords(appWords);
  const language = useLanguage();
  const place = usePlace();
  const way = wayFrom(place, useRunOf(place.step === 'run' ? place.jobId : null));
  const other = language === 'ko' ? 'en' : 'ko';
  return (
    <header className="border-line border-b bg-sheet">
      <div className="flex flex-wrap items-center gap-x-2 px-4 sm:px-6 md:gap-x-6">
        <a href="#/album" className="py-3 font-semibold">
          {w.title}
        </a>
        <nav aria-label={w.stepsLabel} className="order-3 -mx-2 w-full overflow-x-auto md:order-2 md:mx-0 md:w-auto">
          <ol className="flex gap-1">
            {STEPS.map((step, at) => {
              const to = way[step];
              const label = (
                <>
                  <span className="hidden text-xs tabular-nums opacity-70 sm:inline">{at + 1}</span> {w.steps[step]}
                </>
              );
              const style = 'flex min-h-11 items-center gap-1.5 whitespace-nowrap border-b-2 px-2 sm:min-h-14 sm:px-3';
              return (
                <li key={step}>
                  {to === null ? (
                    <span aria-disabled className={`${style} border-transparent text-edge`}>
                      {label}
                    </span>
                  ) : (
                    <a
                      href={hashOf(to)}
                      aria-current={place.step === step ? 'step' : undefined}
                      className={`${style} ${place.step === step ? 'border-accent font-medium' : 'border-transparent text-soft hover:text-ink'}`}
                    >
                      {label}
                    </a>
                  )}
                </li>
              );
            })}
          </ol>
        </nav>
        <div className="order-2 ml-auto flex items-center gap-1 text-sm md:order-3">
          <Credits />
          <a
            href="#/history"
            aria-current={place.step === 'history' ? 'page' : undefined}
            className="flex min-h-11 items-center rounded-lg px-2 text-soft hover:text-ink aria-[current]:text-ink aria-[current]:underline"
          >
            {w.history}
          </a>
          <button
            type="button"
            lang={other}
            onClick={() => chooseLanguage(other)}
            className="min-h-11 rounded-lg px-2 text-soft hover:text-ink"
          >
            {w.language}
          </button>
        </div>
      </div>
    </header>
  );
}

function Credits() {
  const w = useWords(appWords);
  const me = useQuery(useS3Options().user.me.queryOptions());
  return me.data ? <span className="px-2 text-soft tabular-nums">{w.credits(me.data.credits.balance)}</span> : null;
}
