/** The frame: session and links above, the list beside, one procedure at a place of its own. */
import { useEffect, useState } from 'react';
import type { Described } from './described.ts';
import { Head } from './head.tsx';
import { List } from './list.tsx';
import { ProcedureView } from './procedure.tsx';
import { useSession } from './session.ts';

/** Where everything begins. */
const FIRST = 'jobs.create';

export function App({ procedures, photo }: { procedures: Described[]; photo: Blob }) {
  const path = usePlace();
  const session = useSession();
  // What was typed, run and answered stays with its procedure while the page is open.
  const shown = procedures.find((one) => one.path === path) ?? procedures.find((one) => one.path === FIRST);
  return (
    <div className="mx-auto flex min-h-full max-w-[1440px] flex-col">
      <button type="button" className="sr-only focus:not-sr-only focus:p-2" onClick={focusMain}>
        To the procedure
      </button>
      <Head session={session} />
      <div className="flex flex-1 flex-col lg:flex-row">
        <List procedures={procedures} current={shown?.path ?? ''} />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 p-4 outline-none sm:p-6">
          {procedures.map((one) => (
            <div key={one.path} hidden={one !== shown}>
              <ProcedureView procedure={one} photo={photo} session={session} isShown={one === shown} />
            </div>
          ))}
        </main>
      </div>
    </div>
  );
}

function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}

const placeNow = (): string => decodeURIComponent(location.hash.slice(1));

/** The procedure that the address names. */
function usePlace(): string {
  const [place, setPlace] = useState(placeNow);
  useEffect(() => {
    const move = () => {
      setPlace(placeNow());
      scrollTo(0, 0);
      focusMain();
    };
    addEventListener('hashchange', move);
    return () => removeEventListener('hashchange', move);
  }, []);
  return place;
}
