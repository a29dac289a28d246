/** The users of a load run: anonymous accounts, made pro and given credits by an operator so that each can run all of its jobs. */
import { type ClientOptions, createClient, type S3Client } from '@s3-workers/client-sdk';
import type { Admin } from './admin.ts';
import { type Failure, failureOf, lostCall } from './insist.ts';
import type { Weather } from './patience.ts';
import type { Tally } from './tally.ts';

/** Users that are opened at once. */
const AT_ONCE = 8;
/** What the free and the pro plan bring along, by the key under which it is granted. */
const PLAN_CREDITS = { 'plan:free': 10, 'plan:pro': 200 } as const;

/** `given`: credits by the key under which they were. */
export type User = { userId: string; client: S3Client; given: ReadonlyMap<string, number> };

export type Opening = {
  baseUrl: string;
  admin: Admin;
  users: number;
  /** What each is granted on top of what its plans bring. */
  credits: number;
  weather: Weather;
  tally: Tally;
};

export async function openUsers({ baseUrl, admin, users: count, credits, weather, tally }: Opening): Promise<User[]> {
  const fetch = watchedFetch(weather, tally);
  const users: User[] = [];
  let next = 0;
  const open = async () => {
    for (let n = next++; n < count; n = next++) {
      const client = createClient({ baseUrl, fetch });
      const { userId } = await client.auth.anon();
      await admin.makePro({ userId });
      const grant = { userId, amount: credits, reason: 'load run', idempotencyKey: `load-grant-${n}` };
      await admin.operate('admin.grantCredits', grant);
      // As an operator who did not see the first answer would.
      if (n % 10 === 0) await admin.operate('admin.grantCredits', grant);
      const given = { ...PLAN_CREDITS, [`admin:load-grant-${n}`]: credits };
      users[n] = { userId, client, given: new Map(Object.entries(given)) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, open));
  return users;
}

/** The client package tries again by itself: what it then hides is told here, unless the stack was killed a moment ago. */
function watchedFetch(weather: Weather, tally: Tally): NonNullable<ClientOptions['fetch']> {
  return async (url, init) => {
    const failed = (failure: Failure): void => {
      tally.add('clientRetries');
      if (!weather.disturbed()) tally.failed(`a call of ${new URL(url).pathname.split(',')[0]}`, failure);
    };
    try {
      const response = await globalThis.fetch(url, init);
      if (response.status >= 500) failed(failureOf(response.status, await response.clone().text()));
      return response;
    } catch (error) {
      failed(lostCall(error));
      throw error;
    }
  };
}
