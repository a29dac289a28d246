/**
 * The one alarm of an object, which is only ever moved to an earlier time: a wake-up with nothing due is cheap, a row for
 * every new deadline is not. Setting an alarm costs one written row.
 */
export class NextAlarm {
  readonly #ctx: DurableObjectState;
  #armed: number | null = null;

  /** @param isNew whether nothing was ever stored here, so that no alarm can be set and none has to be looked for */
  constructor(ctx: DurableObjectState, isNew: boolean) {
    this.#ctx = ctx;
    if (isNew) return;
    ctx.blockConcurrencyWhile(async () => {
      this.#armed = await ctx.storage.getAlarm();
    });
  }

  /** Makes sure that the alarm fires at `time` (milliseconds since the Unix epoch) or before. Call it in the turn of the commit. */
  async atLatest(time: number): Promise<void> {
    if (this.#armed !== null && this.#armed <= time) return;
    this.#armed = time;
    await this.#ctx.storage.setAlarm(time);
  }

  /** The alarm has fired, or went with all of the storage: none is set any more. Call it first thing in the handler. */
  gone(): void {
    this.#armed = null;
  }

  get time(): number | null {
    return this.#armed;
  }
}
