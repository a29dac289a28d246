/** The client's test double keeps the deadlines and limits that the server has by default. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../client-sdk/src/testing/settings.ts';
import { parseSettings } from '../../src/settings/settings.ts';

test('the double and the server have the same defaults', () => {
  const names = ['JWT_SECRET', 'GPU_CALLBACK_SECRET', 'R2_ACCOUNT_ID', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY'];
  const given = Object.fromEntries([...names, 'R2_BUCKET_NAME'].map((name) => [name, 'not-a-real-one']));
  const { job, numbers, allowances } = parseSettings(given, false);
  expect(DEFAULTS).toEqual({
    ...job,
    downloadUrlMs: numbers.DOWNLOAD_URL_SECONDS * 1000,
    downloadRoundingMs: numbers.DOWNLOAD_ROUNDING_SECONDS * 1000,
    tokenMs: numbers.TOKEN_SECONDS * 1000,
    tokenRenewMs: numbers.TOKEN_RENEW_SECONDS * 1000,
    signupRepeatMs: numbers.SIGNUP_REPEAT_MS,
    ticketMs: numbers.TICKET_SECONDS * 1000,
    watchMaxSockets: numbers.WATCH_MAX_SOCKETS,
    watchIdleMs: numbers.WATCH_IDLE_MS,
    watchSocketMs: numbers.WATCH_SOCKET_MS,
    dailyPhotos: numbers.GPU_DAILY_PHOTOS,
    allowances,
  });
});
