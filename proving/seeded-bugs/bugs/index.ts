/** Every known mistake. */
import type { Bug } from '../bug.ts';
import { ACCOUNTS } from './accounts.ts';
import { ADOPTING } from './adopting.ts';
import { ALLOWANCE } from './allowance.ts';
import { CALLBACK } from './callback.ts';
import { DEPLOYMENTS } from './deploy.ts';
import { DOORS } from './doors.ts';
import { ERASURES } from './erasure.ts';
import { FILES_OF_ALBUMS } from './files.ts';
import { FIRST_MINUTE } from './first-minute.ts';
import { FORGOTTEN } from './forgotten.ts';
import { JOBS } from './jobs.ts';
import { KEPT } from './kept.ts';
import { LATE } from './late.ts';
import { LEFT_JOBS } from './left.ts';
import { LOOPS } from './loops.ts';
import { MONEY } from './money.ts';
import { PHOTOS } from './photos.ts';
import { PROVIDER } from './provider.ts';
import { RESULTS } from './results.ts';
import { RUN_ENDINGS } from './run-endings.ts';
import { RUN_MISTAKES } from './runs.ts';
import { STORAGE } from './storage.ts';
import { SUITES } from './suites.ts';
import { WATCHING } from './watching.ts';

export const BUGS: readonly Bug[] = [
  ...ACCOUNTS,
  ...ADOPTING,
  ...MONEY,
  ...ALLOWANCE,
  ...JOBS,
  ...CALLBACK,
  ...DEPLOYMENTS,
  ...DOORS,
  ...ERASURES,
  ...FILES_OF_ALBUMS,
  ...FIRST_MINUTE,
  ...FORGOTTEN,
  ...KEPT,
  ...LATE,
  ...LEFT_JOBS,
  ...LOOPS,
  ...RESULTS,
  ...RUN_MISTAKES,
  ...RUN_ENDINGS,
  ...PHOTOS,
  ...PROVIDER,
  ...STORAGE,
  ...SUITES,
  ...WATCHING,
];
