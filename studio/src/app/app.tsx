/** The one screen: a header that says where one is, and the step that the address names. Later steps are loaded when they are come to. */
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Album } from '../album/album.tsx';
import { useLookingAt } from '../album/look-at.ts';
import { useWords } from '../words/index.ts';
import { useAlbum } from './album.ts';
import { Boundary } from './boundary.tsx';
import { useFreshCredits } from './credits.ts';
import { Header } from './header.tsx';
import { Notices } from './notices.tsx';
import { hashOf, type Place, usePlace } from './place.ts';
import { appWords } from './words.ts';

const Change = lazy(() => import('../change/change.tsx'));
const Run = lazy(() => import('../run/run.tsx'));
const Review = lazy(() => import('../review/review.tsx'));
const OutputSet = lazy(() => import('../set/set.tsx'));
const History = lazy(() => import('../history/history.tsx'));

export function App() {
  const place = usePlace();
  useLookingAt(useAlbum());
  useFreshCredits();
  const w = useWords(appWords);
  const main = useFocusOnArrival(hashOf(place).split('/')[1] ?? '');
  const name = place.step === 'history' ? w.history : w.steps[place.step];
  return (
    <div className="flex min-h-full flex-col">
      <title>{`${name} · ${w.title}`}</title>
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-lg focus:bg-sheet focus:p-3"
      >
        {w.skip}
      </button>
      <Header />
      <Notices />
      <main ref={main} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        <Boundary key={place.step}>
          <Suspense fallback={<p className="p-6 text-soft">{w.loading}</p>}>{roomOf(place)}</Suspense>
        </Boundary>
      </main>
    </div>
  );
}

function roomOf(place: Place): ReactNode {
  switch (place.step) {
    case 'album':
      return <Album />;
    case 'change':
      return <Change from={place.from} />;
    case 'run':
      return <Run jobId={place.jobId} />;
    case 'review':
      return <Review jobIds={place.jobIds} />;
    case 'set':
      return <OutputSet jobIds={place.jobIds} />;
    case 'history':
      return <History />;
  }
}

/** Whoever goes to another step by the keyboard is at its beginning, and hears its name. */
function useFocusOnArrival(step: string) {
  const main = useRef<HTMLElement>(null);
  const last = useRef(step);
  useEffect(() => {
    if (last.current === step) return;
    last.current = step;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [step]);
  return main;
}
