/** The lines of those who watch, from their opening to the answer of their close: which are open, how long, and how one ends. */
import type { Refusal } from '../../contract/errors.ts';
import { errorFrame } from '../../wire/watch-frames.ts';
import type { Attachment, JobPorts, Line } from './ports.ts';

/** Close codes of RFC 6455. */
export const CLOSE = { done: 1000, goingAway: 1001, policy: 1008, tooBig: 1009, failed: 1011 } as const;

/** How long a peer that is there takes at most to answer a close, and how often to look. Milliseconds. */
const ANSWER_MS = 500;
const ANSWER_STEP_MS = 10;

type LinesPorts = Pick<JobPorts, 'clock' | 'limits' | 'lines'>;

export class Lines {
  readonly #ports: LinesPorts;

  constructor(ports: LinesPorts) {
    this.#ports = ports;
  }

  /** Also those that are closing. */
  get count(): number {
    return this.#ports.lines().length;
  }

  /** Without those that are closing, who are told nothing any more. */
  open(): Line[] {
    return this.#ports.lines().filter(({ isOpen }) => isOpen);
  }

  /** When somebody next has to look after one; null when there is none. */
  get deadline(): number | null {
    const times = this.#ports.lines().map((line) => this.deadlineOf(line.attachment()));
    return times.length === 0 ? null : Math.min(...times);
  }

  deadlineOf({ idleSince, until, subscriptions, closed }: Attachment): number {
    if (closed !== undefined) return closed.look;
    if (subscriptions.length > 0) return until;
    return Math.min(until, idleSince + this.#ports.limits().watch.idleMs);
  }

  /** One that has been told the end is looked after by the alarm that is set for it anyway: no row is written for that. */
  close(line: Line, code: number, reason: string): void {
    const attachment = line.attachment();
    const at = this.#ports.clock.now();
    const look = code === CLOSE.done ? attachment.until : at + this.#ports.limits().watch.closeMs;
    line.keep({ ...attachment, closed: { at, look } });
    line.close(code, reason);
  }

  /** Under the id null, a client that comes back by itself waits longer each time. */
  dismiss(line: Line, refusal: Refusal, code: number): void {
    line.send(errorFrame(null, refusal, line.requestId));
    this.close(line, code, refusal.message);
  }

  /** A client takes note of an error under the id of its own subscription only. */
  sendAway(line: Line, refusal: Refusal): void {
    for (const subscription of line.attachment().subscriptions) {
      line.send(errorFrame(subscription, refusal, line.requestId));
    }
    this.dismiss(line, refusal, CLOSE.policy);
  }

  /**
   * Waits a moment for peers to answer the close of their lines, as all do that are there: then nobody has to look after them.
   * @param places lines of which no answer is waited for once there are fewer
   */
  async answers(places = 1): Promise<void> {
    for (let waited = 0; waited < ANSWER_MS && this.#areClosing(places); waited += ANSWER_STEP_MS) {
      await this.#ports.clock.wait(ANSWER_STEP_MS);
    }
  }

  #areClosing(places: number): boolean {
    const lines = this.#ports.lines();
    return lines.length >= places && lines.some(({ isOpen }) => !isOpen);
  }

  /** How many peers have not answered our close in time. */
  stuck(now: number): number {
    const latest = now - this.#ports.limits().watch.closeMs;
    return this.#ports.lines().filter((line) => (line.attachment().closed?.at ?? Number.POSITIVE_INFINITY) <= latest)
      .length;
  }
}
