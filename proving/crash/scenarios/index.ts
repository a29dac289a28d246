/** All lives. Together they pass every await of the server: a point that none of them passes fails the tests by name. */
import * as broken from './broken.ts';
import * as provider from './provider.ts';
import type { Scenario } from './scenario.ts';
import * as user from './user.ts';
import * as watched from './watched.ts';

export const SCENARIOS: Scenario[] = [user, provider, broken, watched].flatMap((file) => Object.values(file));
