/** Words and figures in both languages. */
import { expect, test } from 'vitest';
import { type Sample, timeLeft, withSample } from '../src/run/pace.ts';
import { spokenOf } from '../src/words/language.ts';
import { bytesText, durationText } from '../src/words/numbers.ts';

test('the browser’s best language of the two is spoken, English where it has neither', () => {
  expect(spokenOf(['ko-KR', 'en-US'])).toBe('ko');
  expect(spokenOf(['fr', 'ko'])).toBe('ko');
  expect(spokenOf(['en-GB', 'ko'])).toBe('en');
  expect(spokenOf(['de'])).toBe('en');
  expect(spokenOf([])).toBe('en');
});

test('sizes are in kB and MB, and a byte is not nothing', () => {
  expect(bytesText(0, 'en')).toBe('0 kB');
  expect(bytesText(3, 'en')).toBe('1 kB');
  expect(bytesText(12_400_000, 'en')).toBe('12.4 MB');
  expect(bytesText(999_600, 'en')).toBe('1 MB');
  expect(bytesText(140_000_000, 'ko')).toContain('140');
});

test('times are as rough as anybody can know them', () => {
  expect(durationText(3_000, 'en')).toBe('a few seconds');
  expect(durationText(31_000, 'en')).toBe('about 35 s');
  expect(durationText(200_000, 'ko')).toBe('약 4분');
});

test('the time left comes from how fast it was of late, and is not told before anybody can say', () => {
  let samples: readonly Sample[] = [];
  const at = (time: number, bytes: number) => {
    samples = withSample(samples, { at: time, bytes });
    return timeLeft(samples, 10_000);
  };
  expect(at(0, 0)).toBeNull();
  expect(at(500, 100)).toBeNull();
  expect(at(2_000, 1_000)).toBeCloseTo(18_000);
  // The line became ten times as fast: what is long past counts no more.
  at(16_000, 2_000);
  expect(at(17_600, 3_600)).toBeCloseTo(6_400);
  // Another run begins.
  expect(at(18_000, 10)).toBeNull();
});
