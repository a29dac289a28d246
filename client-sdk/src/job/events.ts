/** A job's state as a sequence of events: what differs from what this reader was told before. */
import type { JobStore } from './store.ts';
import type { JobEvent, JobState, RunProgress } from './types.ts';
import { UNKNOWN } from './unknown.ts';

export async function* eventsOf(store: JobStore): AsyncGenerator<JobEvent, void, undefined> {
  let told = 0;
  let refused = 0;
  let progressTold = '';
  let before: Pick<JobState, 'connection' | 'waiting'> = UNKNOWN;
  let wake = () => {};
  const unsubscribe = store.subscribe(() => wake());
  try {
    for (;;) {
      // Taken before anything is yielded: a change meanwhile is seen in the next round.
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { state } = store;
      const { connection, waiting, error, result } = state;
      if (connection !== before.connection) yield { type: 'connection', connection };
      for (const file of state.refused.slice(refused)) yield { type: 'refused', file };
      refused = state.refused.length;
      const progress = progressOf(state);
      const text = JSON.stringify(progress);
      if (text !== progressTold) yield { type: 'progress', ...progress };
      progressTold = text;
      if (waiting && waiting !== before.waiting) yield { type: 'waiting', ...waiting };
      before = state;
      while (told < store.settled.length) {
        const item = store.state.items[store.settled[told++] as number];
        if (item) yield { type: 'item', item };
      }
      if (error) throw error;
      if (result) return yield { type: result.status, result };
      if (store.state === state) await changed;
    }
  } finally {
    unsubscribe();
  }
}

function progressOf(state: JobState): RunProgress {
  const { items, refused, connection, paused, missing, waiting, result, error, ...progress } = state;
  return progress;
}
