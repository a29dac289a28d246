/** A life that a job and its user can have, and how it ends, whatever is stopped on the way. */
import type { Ending } from '../settled.ts';
import type { World } from '../world.ts';

export type Scenario = {
  name: string;
  /** Moves a world in which the user has just signed up. */
  play: (world: World) => Promise<void>;
  ending: Ending;
  /** The sign-up key does not tell its age, so that it opens the account. */
  opensAtOnce?: true;
  /** What the user still does when everything has outlived its time. */
  later?: (world: World) => Promise<void>;
};
