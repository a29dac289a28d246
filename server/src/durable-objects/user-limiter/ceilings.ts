/**
 * What all users share, kept by one object under a name that no user id can equal: how much of the day's ceilings is used, and which
 * devices had their free credits. Each claim is counted once, however often it is made; claims of days gone by go a few at a time.
 */
import type { Lowering } from '../../domain/allowance.ts';
import {
  type Ceiling,
  type DispatchClaim,
  dayOf,
  fits,
  oldestDay,
  type SignUpCeiling,
  type SignUpClaim,
  type Used,
} from '../../domain/ceilings.ts';

/** What is kept of the days. Days are numbers since the Unix epoch, in UTC; amounts whole credits, or photos. */
export type CeilingsKept = {
  /** What is read and written in it is one commit. */
  transaction<T>(write: () => T): T;
  used(day: number): Used;
  saveUsed(day: number, used: Used): void;
  giveBackPhotos(day: number, photos: number): void;
  /** The amount that was claimed under this key on that day; null when none was. */
  claimed(key: string, day: number): number | null;
  /** The same for either day, the later one first. */
  lastClaimed(key: string, day: number, before: number): number | null;
  insertClaim(day: number, key: string, amount: number): void;
  lowerClaim(day: number, key: string, amount: number): void;
  /** Forgets days before this one, and at most so many of their claims. @returns how many claims those were */
  forgetDays(before: number, limit: number): number;
  /** Whose free credits the device had; null when it had none. */
  deviceOwner(hash: string): string | null;
  saveDevice(hash: string, userId: string): void;
  /** Credits given away on that day to accounts that this address opened. */
  givenTo(mark: string, day: number): number;
  saveGivenTo(mark: string, day: number, credits: number): void;
  /** Forgets at most so many addresses of days before this one. */
  forgetAddresses(before: number, limit: number): void;
};

export type CeilingPorts = {
  now(): number;
  limits(): SignUpCeiling & { photos: number };
  kept: CeilingsKept;
};

/** The object's name. Ids of users begin with usr_. */
export const CEILINGS_NAME = 'ceilings';
/** Old claims deleted with each new one: more than one, so that they come to an end. So it is with addresses. */
const SWEEP = 3;

export class Ceilings {
  readonly #ports: CeilingPorts;
  /** No claim from before this day is left. */
  #sweptTo = 0;

  constructor(ports: CeilingPorts) {
    this.#ports = ports;
  }

  /** The credits that a new account begins with: all of them or, over a ceiling or from a device that had some, none. */
  signUp(claim: SignUpClaim): number {
    return this.#ports.kept.transaction(() => this.#signUp(claim));
  }

  #signUp({ userId, deviceHash, credits, addressMark }: SignUpClaim): number {
    const ceiling = this.#ports.limits();
    const today = dayOf(this.#ports.now());
    const owner = deviceHash === null ? null : this.#ports.kept.deviceOwner(deviceHash);
    if (owner !== null && owner !== userId) return 0;
    const known = this.#known(userId, today);
    if (known !== null) return known;
    const used = addressMark === null ? 0 : this.#ports.kept.givenTo(addressMark, today);
    if (addressMark !== null && !fits(used, credits, ceiling.addressCredits)) return 0;
    const given = this.#claim('credits', userId, credits, ceiling.credits, today);
    // One who brings his credits along asks for none.
    if (given < credits) return 0;
    if (addressMark !== null) {
      this.#ports.kept.saveGivenTo(addressMark, today, used + given);
      this.#ports.kept.forgetAddresses(oldestDay(today), SWEEP);
    }
    if (deviceHash !== null && owner === null) this.#ports.kept.saveDevice(deviceHash, userId);
    return given;
  }

  /** Whether a job's photos may be sent to the GPU today. */
  dispatch({ jobId, photos, day = dayOf(this.#ports.now()) }: DispatchClaim): boolean {
    const ceiling = this.#ports.limits().photos;
    return this.#ports.kept.transaction(() => this.#claim('photos', jobId, photos, ceiling, day) > 0);
  }

  /**
   * Lowers claims to what reached the GPU, each for the day on which it was made: the same call again finds them lowered. A claim that
   * is not there may still be on its way: it finds that nothing is left for it.
   */
  lower(owed: readonly Lowering[]): void {
    this.#ports.kept.transaction(() => {
      for (const { jobId, day, reached } of owed) {
        const claimed = this.#ports.kept.claimed(jobId, day);
        if (claimed === null) this.#ports.kept.insertClaim(day, jobId, 0);
        else if (claimed > reached) {
          this.#ports.kept.lowerClaim(day, jobId, reached);
          this.#ports.kept.giveBackPhotos(day, claimed - reached);
        }
      }
    });
  }

  /** The amount that was claimed under this key, now or before; 0 when there is no room for it. */
  #claim(kind: Ceiling, key: string, amount: number, ceiling: number, day: number): number {
    const known = this.#known(key, day);
    if (known !== null) return known;
    const used = this.#ports.kept.used(day);
    if (!fits(used[kind], amount, ceiling)) return 0;
    this.#ports.kept.insertClaim(day, key, amount);
    this.#ports.kept.saveUsed(day, { ...used, [kind]: used[kind] + amount });
    this.#sweep(day);
    return amount;
  }

  /** The amount that was claimed under this key today or yesterday; null when none was. */
  #known(key: string, day: number): number | null {
    return this.#ports.kept.lastClaimed(key, day, oldestDay(day));
  }

  #sweep(day: number): void {
    const oldest = oldestDay(day);
    if (this.#sweptTo === oldest) return;
    if (this.#ports.kept.forgetDays(oldest, SWEEP) < SWEEP) this.#sweptTo = oldest;
  }
}
