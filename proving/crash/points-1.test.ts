/** Every await of the server, stopped before and after: share 1 of 2. */
import { testPoints } from './points.ts';

testPoints(0, 2);
