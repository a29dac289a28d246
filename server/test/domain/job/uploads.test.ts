/** Uploads: renewing their URLs, and confirming them against what lies in storage. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirmUpload, type Found, renewUploads } from '../../../src/domain/job/uploads.ts';
import {
  after,
  canceled,
  created,
  DAY,
  done,
  failed,
  HOUR,
  inventoryOf,
  MINUTE,
  queued,
  refusalOf,
  running,
  SETTINGS,
  T0,
  taken,
  uploaded,
} from './states.ts';

const confirm = (job = created(3), found: Map<number, Found> = inventoryOf(job), now = T0) =>
  confirmUpload(job, found, now, SETTINGS);

describe('renewing upload URLs', () => {
  const renew = (indexes: number[], job = created(3), now = T0 + MINUTE) => renewUploads(job, indexes, now, SETTINGS);

  test('allows the named photos, each once, and remembers how long their URLs are good', () => {
    const { reply, job } = taken(renew([2, 0, 2]));
    expect(reply).toEqual([2, 0]);
    const now = T0 + MINUTE;
    const renewed = { putsExpireAt: now + SETTINGS.uploadUrlMs, deadline: now + SETTINGS.createdMs };
    expect(job).toEqual({ ...created(3), ...renewed });
  });

  test('whoever asks in time, time and again, has his photos awaited for an hour each time, and for a day in all', () => {
    let job = created(3);
    for (let now = T0 + 15 * MINUTE; now < T0 + 2 * DAY; now += 15 * MINUTE) {
      if (now >= job.deadline) break;
      job = after(renew([0], job, now));
      expect(job.deadline).toBe(Math.min(now + HOUR, T0 + DAY));
    }
    expect(job.deadline).toBe(T0 + DAY);
  });

  test('asked for when the time is over, they give none back', () => {
    const job = created(3);
    expect(after(renew([0], job, job.deadline - 1)).deadline).toBe(job.deadline - 1 + HOUR);
    expect(after(renew([0], job, job.deadline)).deadline).toBe(job.deadline);
  });

  test('a wait that is longer than the most stays as long as it was', () => {
    const settings = { ...SETTINGS, createdMaxMs: MINUTE };
    const job = created(3);
    expect(after(renewUploads(job, [0], T0 + 2 * MINUTE, settings)).deadline).toBe(job.deadline);
  });

  test('names the index that the job does not have', () => {
    expect(refusalOf(renew([0, 3]))).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'indexes[1]' } });
  });

  test.each([
    uploaded(),
    queued(),
    running(),
    done(),
    failed(),
    canceled(created()),
  ])('is refused once photos are no longer awaited (%#)', (job) => {
    expect(refusalOf(renew([0], job))).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status: job.status, action: 'renewUploads' },
    });
  });
});

describe('confirming uploads', () => {
  test('moves the job on when every photo lies there as announced, and gives it a day', () => {
    const now = T0 + MINUTE;
    expect(after(confirm(created(3), undefined, now))).toMatchObject({
      status: 'uploaded',
      deadline: now + SETTINGS.uploadedMs,
    });
  });

  test('lists exactly the photos that are missing and those that are wrong, and leaves the job as it is', () => {
    const states = fc.array(fc.constantFrom('there', 'missing', 'short', 'typed', 'packed'), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(states, (plan) => {
        const job = created(plan.length);
        const found = inventoryOf(job);
        for (const [idx, what] of plan.entries()) {
          const { bytes, contentType } = found.get(idx) ?? expect.unreachable();
          if (what === 'missing') found.delete(idx);
          if (what === 'short') found.set(idx, { bytes: bytes - 1, contentType });
          if (what === 'typed') found.set(idx, { bytes, contentType: 'text/html' });
          if (what === 'packed') found.set(idx, { bytes, contentType, encoding: 'gzip' });
        }
        const named = (...kinds: string[]) => plan.flatMap((what, idx) => (kinds.includes(what) ? [idx] : []));
        const decision = confirm(job, found);
        if (named('there').length === plan.length) expect(after(decision).status).toBe('uploaded');
        else {
          expect(refusalOf(decision)).toMatchObject({
            code: 'UPLOAD_INCOMPLETE',
            details: { missing: named('missing'), wrong: named('short', 'typed', 'packed').map((idx) => ({ idx })) },
          });
        }
      }),
    );
  });

  test('says in plain words what is wrong with a photo', () => {
    const found = inventoryOf(created(3));
    found.set(0, { bytes: 5, contentType: 'image/jpeg' }).set(1, { bytes: 1001, contentType: 'image/png' });
    found.set(2, { bytes: 1002, contentType: 'image/jpeg', encoding: 'gzip' });
    expect(refusalOf(confirm(created(3), found)).details).toEqual({
      missing: [],
      wrong: [
        { idx: 0, reason: 'has 5 bytes, not 1000' },
        { idx: 1, reason: 'is image/png, not image/jpeg' },
        { idx: 2, reason: 'has the content encoding gzip' },
      ],
    });
  });

  test('takes a photo whose type storage does not tell', () => {
    const found = inventoryOf(created(1));
    found.set(0, { bytes: 1000, contentType: null });
    expect(after(confirm(created(1), found)).status).toBe('uploaded');
  });

  test('does not mind what else lies there', () => {
    const found = inventoryOf(created(1)).set(7, { bytes: 1, contentType: null });
    expect(after(confirm(created(1), found)).status).toBe('uploaded');
  });

  test.each([uploaded(), queued(), running()])('again changes nothing, whatever is found then (%#)', (job) => {
    expect(after(confirm(job, new Map()))).toBe(job);
  });

  test.each([done(), failed(), canceled(created())])('is refused after the end (%#)', (job) => {
    expect(refusalOf(confirm(job))).toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { status: job.status, action: 'confirmUpload' },
    });
  });
});
