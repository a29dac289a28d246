/** A provider front on a clock that is moved by hand, with workers that do what a test has them do. */
import { doorOf } from '../../provider/door.ts';
import { type FrontOptions, ProviderFront, type RunView } from '../../provider/front.ts';
import type { GpuWorker } from '../../provider/gpu-worker.ts';
import type { ManualClock } from '../../provider/manual-clock.ts';

export const SECOND = 1_000;
/** What a test has a worker do with its run. */
type Work = PromiseWithResolvers<unknown> & { input: { name: string }; signal: AbortSignal; worker: number };

/** Workers in the test's hands: what each was given, in order, and how often it was started and stopped. */
export function hands(clock: ManualClock, count: number, more: Partial<FrontOptions> = {}) {
  const given: Work[] = [];
  const started: number[] = [];
  const stopped: number[] = [];
  const workers = Array.from(
    { length: count },
    (_, worker): GpuWorker => ({
      start: async () => void started.push(worker),
      work: (input, signal) => {
        const work = { ...Promise.withResolvers<unknown>(), input: input as { name: string }, signal, worker };
        signal.addEventListener('abort', () => work.reject(new Error('stopped')));
        given.push(work);
        return work.promise;
      },
      stop: async () => void stopped.push(worker),
    }),
  );
  const front = new ProviderFront({ workers, clock, coldStartMs: 3 * SECOND, ...more });
  let refusal: number | null = null;
  const door = doorOf({ front, apiKey: 'key', clock, refusal: () => refusal });
  const ask = (method: string, path: string, body?: unknown, key = 'key') =>
    door(
      new Request(`http://gpu.test${path}`, {
        method,
        headers: { authorization: `Bearer ${key}` },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  const told = async (method: string, path: string, body?: unknown) =>
    (await (await ask(method, path, body)).json()) as RunView;
  const run = async (name = 'a', policy: object = {}) => (await told('POST', '/run', { input: { name }, policy })).id;
  const status = (id: string) => told('GET', `/status/${id}`);
  const cancel = (id: string) => told('POST', `/cancel/${id}`);
  const names = () => given.map(({ input }) => input.name);
  const refuse = (with_: number | null) => {
    refusal = with_;
  };
  return { front, ask, told, run, status, cancel, names, refuse, given, started, stopped };
}
