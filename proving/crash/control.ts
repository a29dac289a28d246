/**
 * What every await of the server passes through in this project (proving/crash-points/plugin.ts puts it there). It notes
 * which points a run reaches, and at a chosen one it does harm, once.
 */

export type Side = 'before' | 'after';
/**
 * `stop`: the process and all objects stop there. Nothing that stands after an await happens any more, anywhere, until
 * {@link restarted} lets a new life begin; what was waiting then waits for ever.
 * `lose`: the await throws instead of answering, as if the other side had stopped: whoever waits there lives on.
 */
export type Harm = 'stop' | 'lose';
export type Crash = { name: string; side: Side; harm: Harm; occurrence: number };

type Hook = <T>(name: string, run: () => T) => Promise<Awaited<T>>;
type HookEach = <T>(name: string, run: () => AsyncIterable<T>) => AsyncGenerator<T>;
declare global {
  var __crashPoint: Hook | undefined;
  var __crashPointEach: HookEach | undefined;
}

let life = 0;
let stopped = false;
let armed: (Crash & { left: number }) | null = null;
const busy = new Set<symbol>();
const reached = new Map<string, number>();

/** Arms one crash or none, and forgets what was reached before. */
export function arm(crash: Crash | null): void {
  reached.clear();
  armed = crash === null ? null : { ...crash, left: crash.occurrence };
}

/** How often each point was reached since {@link arm}. */
export const reachedPoints = (): Map<string, number> => new Map(reached);
/** Whether the armed crash is still to come. */
export const isArmed = (): boolean => armed !== null;
/** Awaits of the server that are under way: 0 when nothing goes on in the background. */
export const underWay = (): number => busy.size;

/** Ends the life before: whatever of it still waits will never go on. */
export function restarted(): void {
  life++;
  busy.clear();
  stopped = false;
}

/** A promise of its own each time, so that what waits for it can be collected. */
const never = (): Promise<never> => new Promise(() => {});

function harmAt(name: string, side: Side): Harm | null {
  if (armed === null || armed.name !== name || armed.side !== side || --armed.left > 0) return null;
  const { harm } = armed;
  stopped = harm === 'stop';
  armed = null;
  return harm;
}

class LostAnswer extends Error {
  constructor(name: string) {
    super(`the answer was lost at ${name}`);
    this.name = 'LostAnswer';
  }
}

globalThis.__crashPoint = async <T>(name: string, run: () => T): Promise<Awaited<T>> => {
  const mine = life;
  if (stopped) return never();
  reached.set(name, (reached.get(name) ?? 0) + 1);
  const me = Symbol(name);
  busy.add(me);
  try {
    const early = harmAt(name, 'before');
    if (early !== null) return early === 'stop' ? await never() : await Promise.reject(new LostAnswer(name));
    const [answer] = await Promise.allSettled([run()]);
    if (stopped || mine !== life) return await never();
    const late = harmAt(name, 'after');
    if (late !== null) return late === 'stop' ? await never() : await Promise.reject(new LostAnswer(name));
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  } finally {
    busy.delete(me);
  }
};

globalThis.__crashPointEach = async function* <T>(name: string, run: () => AsyncIterable<T>) {
  const point = globalThis.__crashPoint;
  if (point === undefined) throw new Error('the crash points are not in place');
  const iterator = run()[Symbol.asyncIterator]();
  for (;;) {
    const next = await point(name, () => iterator.next());
    if (next.done) return;
    yield next.value;
  }
};
