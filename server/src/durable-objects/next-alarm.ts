/**
 * The one alarm of an object. When it has to fire is a function of what is stored: whoever commits moves it to an earlier time, and an
 * object that wakes for any reason sets it where it is missing. So an alarm that was lost (six tries that failed, a free quota that was
 * gone, a release that could not read its state) costs time, and nothing else.
 *
 * It is only ever moved to an earlier time: a wake-up with nothing due is cheap, a row for every new deadline is not. Setting an alarm
 * costs one written row.
 */
import { LONGEST_WAIT_MS, lateBackoffMs } from '../domain/retry.ts';
import { failure, log } from '../log.ts';

/** The object whose alarm it is; `DurableObjectState` is one. */
type Host = {
  readonly id: { toString(): string };
  readonly storage: { getAlarm(): Promise<number | null>; setAlarm(time: number): Promise<void> };
  blockConcurrencyWhile(callback: () => Promise<void>): Promise<void>;
};
/** `now`: milliseconds since the Unix epoch; `random`: in [0, 1). */
type Around = { now(): number; random(): number; log: typeof log };

const PLATFORM: Around = { now: () => Date.now(), random: () => Math.random(), log };

export class NextAlarm {
  readonly #ctx: Host;
  readonly #around: Around;
  readonly #dueTimes: () => number[];
  /** The alarm that storage has: noted when it is set, not before. */
  #set: number | null = null;
  /** One that is being set. */
  #setting: { time: number; done: Promise<boolean> } | null = null;
  /** Whether one that was asked for could not be set. */
  #missed = false;

  /**
   * @param isNew whether nothing was ever stored here, so that no alarm can be set and none has to be looked for
   * @param dueTimes when anything that is stored is due, what is overdue included; milliseconds since the Unix epoch
   */
  constructor(ctx: Host, isNew: boolean, dueTimes: () => number[], around = PLATFORM) {
    this.#ctx = ctx;
    this.#around = around;
    this.#dueTimes = dueTimes;
    if (isNew) return;
    ctx.blockConcurrencyWhile(async () => {
      try {
        this.#set = await ctx.storage.getAlarm();
        await this.restore();
      } catch (error) {
        // What cannot be read now is read by the call that woke this object, which answers for it.
        around.log('error', 'alarm.unknown', { object: ctx.id.toString(), ...failure(error) });
      }
    });
  }

  /**
   * Makes sure that the alarm fires at `time` (milliseconds since the Unix epoch) or before. Call it in the turn of the commit. Never
   * rejects: the commit stands, whoever asked for it has what he wanted, and to tell him otherwise would have him do it again. An alarm
   * that could not be set is set by the next call of this object, or by who looks after it: see ARCHITECTURE.md.
   * @returns whether there is such an alarm
   */
  async atLatest(time: number): Promise<boolean> {
    if (this.#set !== null && this.#set <= time) return true;
    if (this.#setting !== null && this.#setting.time <= time) return this.#setting.done;
    const mine = { time, done: this.#setAlarm(time) };
    this.#setting = mine;
    const isSet = await mine.done;
    if (this.#setting === mine) {
      this.#setting = null;
      if (isSet) this.#set = time;
    }
    return isSet;
  }

  async #setAlarm(time: number): Promise<boolean> {
    try {
      await this.#ctx.storage.setAlarm(time);
      return true;
    } catch (error) {
      this.#missed = true;
      this.#around.log('error', 'alarm.not.set', { object: this.#ctx.id.toString(), time, ...failure(error) });
      return false;
    }
  }

  /** For every call: costs nothing unless an alarm could not be set before. */
  look(): void {
    if (this.#missed) void this.restore().catch(() => undefined);
  }

  /** Sets the alarm that the state asks for, if it is missing. One that waits to try again what failed stays as it is. */
  async restore(): Promise<boolean> {
    const now = this.#around.now();
    const times = this.#dueTimes();
    this.#missed = false;
    if (times.length === 0) return true;
    const due = Math.min(...times);
    const waits = due <= now && this.#set !== null && this.#set <= now + LONGEST_WAIT_MS;
    const isSet = waits || (await this.atLatest(Math.max(due, now)));
    // It may have relied on one that was being set already.
    if (!isSet) this.#missed = true;
    return isSet;
  }

  /**
   * The last thing in the handler, whether it went well or not. What is due all the same was tried in vain, and is tried again after a
   * wait that is as long as it is late already: so waits double, up to an hour, and what is stored remembers it through evictions.
   * Throws when no alarm can be set: then the platform's own repetition of the handler is all that is left.
   */
  async afterRun(): Promise<void> {
    const { now: clock, random, log } = this.#around;
    const now = clock();
    let next: number | null;
    try {
      const times = this.#dueTimes();
      const late = now - Math.min(...times);
      const future = times.filter((time) => time > now);
      if (late >= 0) future.push(now + lateBackoffMs(late, random()));
      next = future.length === 0 ? null : Math.min(...future);
    } catch (error) {
      // Nothing says how long this goes on already.
      log('error', 'alarm.unknown', { object: this.#ctx.id.toString(), ...failure(error) });
      next = now + lateBackoffMs(Number.POSITIVE_INFINITY, random());
    }
    if (next !== null && !(await this.atLatest(next))) throw new Error('the next alarm could not be set');
  }

  /** The alarm has fired, or went with all of the storage: none is set any more. Call it first thing in the handler. */
  gone(): void {
    this.#set = null;
  }

  get time(): number | null {
    return this.#set;
  }
}
