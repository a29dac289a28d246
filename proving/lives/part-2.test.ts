/** Part 2 of the model's runs: see suite.ts. */
import { modelRuns } from './suite.ts';

modelRuns(1);
