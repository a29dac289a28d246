/** Part 1 of the model's runs: see suite.ts. */
import { modelRuns } from './suite.ts';

modelRuns(0);
