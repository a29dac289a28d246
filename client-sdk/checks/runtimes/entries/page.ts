/** The suite in a page: the driver calls `suite`, and `tell` is the driver's. */
import { runSuite, type Target, type Told } from '../suite.ts';

declare global {
  var tell: (told: Told) => void;
  var suite: (target: Target) => Promise<void>;
}
globalThis.suite = (target) => runSuite(target, globalThis.tell);
