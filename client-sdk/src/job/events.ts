/** A job's state as a sequence of events: what differs from what this reader was told before. */
import type { JobStore } from './store.ts';
import type { JobEvent, JobState, RunProgress } from './types.ts';

export async function* eventsOf(store: JobStore): AsyncGenerator<JobEvent, void, undefined> {
  let told = 0;
  let refused = 0;
  let before = '';
  let waiting: JobState['waiting'] = null;
  let connection: JobState['connection'] = 'idle';
  let wake = () => {};
  const unsubscribe = store.subscribe(() => wake());
  try {
    for (;;) {
      // Taken before anything is yielded: a change meanwhile is seen in the next round.
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { state } = store;
      if (state.connection !== connection) {
        connection = state.connection;
        yield { type: 'connection', connection };
      }
      for (let file = store.state.refused[refused]; file !== undefined; file = store.state.refused[refused]) {
        refused += 1;
        yield { type: 'refused', file };
      }
      const progress = progressOf(state);
      const text = JSON.stringify(progress);
      if (text !== before) {
        before = text;
        yield { type: 'progress', ...progress };
      }
      if (state.waiting !== waiting) {
        waiting = state.waiting;
        if (waiting) yield { type: 'waiting', ...waiting };
      }
      for (let idx = store.settled[told]; idx !== undefined; idx = store.settled[told]) {
        told += 1;
        const item = store.state.items[idx];
        if (item) yield { type: 'item', item };
      }
      if (state.error) throw state.error;
      if (state.result) return yield { type: state.result.status, result: state.result };
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
