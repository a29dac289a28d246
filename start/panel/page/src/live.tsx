/** `jobs.watch`, played: each event as it comes, with the picture that it brings. */
import { useEffect, useRef, useState } from 'react';
import { FailureView, Json } from './answer.tsx';
import { type Failure, watch } from './calling.ts';

export interface Played {
  state: 'idle' | 'connecting' | 'open' | 'ended';
  events: { id: string; at: Date; data: unknown }[];
  failure: Failure | null;
}

const IDLE: Played = { state: 'idle', events: [], failure: null };
const SAID: Record<Played['state'], string> = {
  idle: '',
  connecting: 'Connecting …',
  open: 'Live',
  ended: 'Ended',
};

export function useLive(path: string, onEnd: () => void) {
  const [played, setPlayed] = useState(IDLE);
  const leave = useRef(() => {});
  useEffect(() => () => leave.current(), []);
  const stop = () => {
    leave.current();
    setPlayed((now) => ({ ...now, state: 'ended' }));
  };
  const play = (input: unknown) => {
    leave.current();
    setPlayed({ ...IDLE, state: 'connecting' });
    leave.current = watch(path, input, {
      opened: () => setPlayed((now) => ({ ...now, state: 'open' })),
      event: (id, data) => setPlayed((now) => ({ ...now, events: [...now.events, { id, at: new Date(), data }] })),
      ended(failure) {
        setPlayed((now) => ({ ...now, state: 'ended', failure }));
        if (failure === null) onEnd();
      },
    });
  };
  return { played, play, stop, isLive: played.state === 'connecting' || played.state === 'open' };
}

export function LiveView({ played: { state, events, failure } }: { played: Played }) {
  if (state === 'idle') return null;
  return (
    <div className="mt-4">
      <p role="status" data-live={state} className="font-medium">
        {SAID[state]}, {events.length} events
      </p>
      {failure !== null && <FailureView failure={failure} />}
      <ol role="log" aria-label="Events" className="mt-2 grid gap-2">
        {events.map(({ id, at, data }, place) => (
          // A state is told again under its id.
          <li key={place} className="grid gap-2 sm:grid-cols-[7rem_minmax(0,1fr)]">
            <span className="text-soft text-sm">
              <time dateTime={at.toISOString()}>{at.toLocaleTimeString()}</time> #{id}
            </span>
            <div className="min-w-0">
              <Json label={`Event ${id}`} value={data} />
              <Preview data={data} />
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Preview({ data }: { data: unknown }) {
  const { idx, previewUrl } = data as { idx?: number; previewUrl?: string };
  if (previewUrl === undefined) return null;
  return <img src={previewUrl} alt={`What became of number ${idx}`} className="mt-2 max-h-40 rounded-lg" />;
}
