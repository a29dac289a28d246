/** Every await of the server, stopped before and after: share 2 of 2. */
import { testPoints } from './points.ts';

testPoints(1, 2);
