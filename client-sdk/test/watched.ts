/** A job that is followed live, with everything that it tells. */
import type { JobEvent, JobHandle } from '../src/index.ts';
import { FakeLive, item } from './fake-live.ts';
import { ManualClock, until } from './manual-clock.ts';
import { jpegs, setUp } from './support.ts';

/** A job of `count` photos that is running, on a clock that stands still, with its socket. */
export async function watched(count: number, before: (live: FakeLive) => void = () => {}) {
  const live = new FakeLive();
  before(live);
  const { api, client, clock } = setUp({ WebSocket: live.WebSocket }, new ManualClock());
  const done = new Set<number>();
  api.itemsAt = (_, job) =>
    job.photos.map((_photo, idx) =>
      done.has(idx) ? { idx, status: 'done', resultUrl: `r/${idx}` } : { idx, status: 'pending' },
    );
  const job = client.jobs.start({ preset: 'seller', files: jpegs(count), concepts: { Body: { action: 'remove' } } });
  const events: JobEvent[] = [];
  const told = collect(job, events);
  // Where it ends in an error, the tests look at the result.
  told.catch(() => {});
  const standing = clock as ManualClock;
  await until(() => live.sockets.length > 0 || standing.waits.length > 0);
  /** The GPU worker reports a photo, in a row of the log of its own. */
  const settle = (...indexes: number[]) => {
    for (const idx of indexes) {
      done.add(idx);
      live.push([`${live.log.length + 1}.0`, item(idx)]);
    }
  };
  const end = async () => {
    settle(...Array.from({ length: count }, (_, idx) => idx).filter((idx) => !done.has(idx)));
    live.last.say({ id: 1, result: { type: 'stopped' } });
    await told;
  };
  const items = () => events.flatMap((event) => (event.type === 'item' ? [event.item.idx] : []));
  const connections = () => events.flatMap((event) => (event.type === 'connection' ? [event.connection] : []));
  const gets = () => api.log.filter((path) => path === 'jobs.get').length;
  return { api, client, live, clock: standing, job, events, settle, end, items, connections, gets };
}

export async function collect(job: JobHandle<'seller'>, events: JobEvent[]): Promise<void> {
  for await (const event of job) events.push(event);
}
