/** Presigned URLs as users get them: what is signed, how long they are good, and that they stay the same while they can. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { MINUTE, pass, SECOND, START } from '../../../proving/world/workerd/clock.ts';
import { createdJob, doneJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import bucketCors from '../../../start/deploy/r2-cors.json';
import { inputKey } from '../../src/domain/keys.ts';
import { signUploads } from '../../src/rpc/jobs/uploads.ts';
import { settingsOf } from '../../src/settings/settings.ts';
import { presignDownload, presignForWorker, presignUploads } from '../../src/storage/presign.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const query = (url: string | undefined, name: string) => new URL(url ?? '').searchParams.get(name);

// Regression: URLs that are good for less than the rounding were signed so that they had ended.
test.for([
  1, 2, 60, 600, 1_799, 3_600, 7_200,
])('a download URL of %i seconds is good for half of them at least, and stays the same for as long as that allows', (seconds) => {
  const settings = settingsOf(env);
  const short = { ...settings, numbers: { ...settings.numbers, DOWNLOAD_URL_SECONDS: seconds } };
  const leftOf = (now: number): number => {
    const url = presignDownload('outputs/u/j/0_result.png', now, short);
    const [, year, month, day, hour, minute, second] =
      /^(....)(..)(..)T(..)(..)(..)Z$/.exec(query(url, 'X-Amz-Date') ?? '') ?? [];
    const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return signedAt + Number(query(url, 'X-Amz-Expires')) * 1000 - now;
  };
  for (let at = 0; at < 4_000; at += 7) {
    expect(leftOf(START + at * 1000)).toBeGreaterThanOrEqual(Math.floor(seconds / 2) * 1000);
    expect(leftOf(START + at * 1000)).toBeLessThanOrEqual(seconds * 1000);
  }
});

describe('upload URLs', () => {
  const photo = { contentType: 'image/png', bytes: 1234 } as const;
  const create = () => user.client.jobs.create.mutate({ preset: 'interior', photos: [photo] });

  test('sign type, exact length and that nothing is overwritten, for 15 minutes, at the key of the photo', async () => {
    const { jobId, uploads } = await create();
    const [upload] = uploads;
    const url = new URL(upload?.url ?? '');
    expect(url.origin).toBe('https://storage.test');
    expect(url.pathname).toBe(`/s3-images/${inputKey({ userId: user.userId, jobId }, 0)}`);
    expect(query(upload?.url, 'X-Amz-SignedHeaders')).toBe('content-length;content-type;host;if-none-match');
    expect(query(upload?.url, 'X-Amz-Expires')).toBe('900');
    expect(query(upload?.url, 'X-Amz-Date')).toBe('20300101T001000Z');
    expect(query(upload?.url, 'X-Amz-Algorithm')).toBe('AWS4-HMAC-SHA256');
    expect(query(upload?.url, 'X-Amz-Credential')).toBe('test-access-key/20300101/auto/s3/aws4_request');
    expect(upload?.headers).toEqual({ 'content-type': 'image/png', 'content-length': '1234', 'if-none-match': '*' });
    expect(upload?.expiresAt).toEqual(new Date(START + 15 * MINUTE));
  });

  test('need no header that the CORS rule of the bucket keeps a browser from sending', async () => {
    const { uploads } = await create();
    // Browsers set the length themselves, and no page may.
    const sent = Object.keys(uploads[0]?.headers ?? {}).filter((name) => name !== 'content-length');
    const [rule] = bucketCors.rules;
    expect(sent.toSorted()).toEqual(rule?.allowed.headers.toSorted());
    expect(rule?.allowed.methods).toContain('PUT');
  });

  test('differ in their signature with the type and with the length', async () => {
    const photos = [photo, { ...photo, bytes: 1235 }, { ...photo, contentType: 'image/jpeg' as const }];
    const { uploads } = await user.client.jobs.create.mutate({ preset: 'interior', photos });
    expect(new Set(uploads.map(({ url }) => query(url, 'X-Amz-Signature'))).size).toBe(3);
  });

  test('sign that nothing is copied where the setting says so, with no header more to send; so do those of a GPU worker', () => {
    const settings = settingsOf(env);
    const r2 = { ...settings.r2, signCopySource: true };
    const until = START + 15 * MINUTE;
    const key = inputKey({ userId: user.userId, jobId: 'job' }, 0);
    const upload = presignUploads(START, until, { ...settings, r2 })(key, photo);
    const signed = (url: string) => query(url, 'X-Amz-SignedHeaders');
    expect(signed(upload.url)).toBe('content-length;content-type;host;if-none-match;x-amz-copy-source');
    expect(Object.keys(upload.headers)).toEqual(['content-type', 'content-length', 'if-none-match']);
    const worker = presignForWorker(START, until, { ...settings, r2 });
    expect(signed(worker.put(key, 'image/png'))).toBe('content-type;host;x-amz-copy-source');
    expect(signed(presignForWorker(START, until, settings).put(key, 'image/png'))).toBe('content-type;host');
  });

  test('hold no secret', async () => {
    const text = JSON.stringify((await create()).uploads);
    expect(text).not.toContain('test-secret-key');
  });

  test('have ended when the job takes it that they have, however long the answer was under way', async () => {
    pass(700);
    const { jobId } = await createdJob(user, 1);
    const { uploads } = await user.client.jobs.renewUploads.mutate({ jobId, indexes: [0] });
    const [job] = await sqlIn(jobObject(jobId), "SELECT json_extract(state, '$.putsExpireAt') AS at FROM job");
    expect(uploads[0]?.expiresAt.getTime()).toBeLessThanOrEqual(Number(job?.at));
    const slots = [{ idx: 0, photo, until: Number(job?.at) }];
    pass(20 * SECOND);
    const [late] = await signUploads({ settings: settingsOf(env) }, { userId: user.userId, jobId }, slots);
    expect(late?.expiresAt.getTime()).toBeLessThanOrEqual(Number(job?.at));
    expect(query(late?.url, 'X-Amz-Expires')).toBe('880');
  });

  test('are signed from now when they are renewed', async () => {
    const { jobId } = await createdJob(user, 2);
    pass(20 * MINUTE);
    const { uploads } = await user.client.jobs.renewUploads.mutate({ jobId, indexes: [1] });
    expect(query(uploads[0]?.url, 'X-Amz-Date')).toBe('20300101T003000Z');
    expect(uploads[0]).toMatchObject({ idx: 1, expiresAt: new Date(START + 35 * MINUTE) });
  });
});

describe('download URLs', () => {
  const urlOf = async (jobId: string) => (await user.client.jobs.get.query({ jobId })).items[0]?.resultUrl;

  test('stay the same within the half hour and change with the next, each good for an hour from its start', async () => {
    const { jobId } = await doneJob(user, 1);
    const first = await urlOf(jobId);
    expect(query(first, 'X-Amz-Date')).toBe('20300101T000000Z');
    expect(query(first, 'X-Amz-Expires')).toBe('3600');
    pass(20 * MINUTE - SECOND);
    expect(await urlOf(jobId)).toBe(first);
    pass(SECOND);
    const second = await urlOf(jobId);
    expect(second).not.toBe(first);
    expect(query(second, 'X-Amz-Date')).toBe('20300101T003000Z');
  });

  test('are good for half an hour at least when they are given out', async () => {
    const { jobId } = await doneJob(user, 1);
    for (let minute = 0; minute < 60; minute += 7) {
      const url = await urlOf(jobId);
      const date = query(url, 'X-Amz-Date')?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
      const until = Date.parse(date ?? '') + Number(query(url, 'X-Amz-Expires')) * SECOND;
      expect(until - Date.now()).toBeGreaterThan(30 * MINUTE - 1);
      pass(7 * MINUTE);
    }
  });

  test('are given out for photos that are done, and for no others', async () => {
    const { jobId } = await createdJob(user, 2);
    const { items } = await user.client.jobs.get.query({ jobId });
    expect(items).toEqual([
      { idx: 0, status: 'pending' },
      { idx: 1, status: 'pending' },
    ]);
  });
});
