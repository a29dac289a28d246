/** Which step an address names, and where each step leads. */
import { expect, test } from 'vitest';
import { hashOf, type Place, placeIn } from '../src/app/place.ts';
import { wayFrom } from '../src/app/way.ts';

test.for<[string, Place]>([
  ['', { step: 'album' }],
  ['#/album', { step: 'album' }],
  ['#/nowhere', { step: 'album' }],
  ['#/change', { step: 'change', from: null }],
  ['#/change/a1', { step: 'change', from: 'a1' }],
  ['#/history', { step: 'history' }],
  ['#/run', { step: 'run', jobId: null }],
  ['#/run/a1', { step: 'run', jobId: 'a1' }],
  ['#/review/a1,b2', { step: 'review', jobIds: ['a1', 'b2'] }],
  ['#/set/a1', { step: 'set', jobIds: ['a1'] }],
])('%s is a place', ([hash, place]) => {
  expect(placeIn(hash)).toEqual(place);
});

test('what a place is written as is read as that place', () => {
  const places: Place[] = [
    { step: 'change', from: null },
    { step: 'change', from: 'x' },
    { step: 'run', jobId: null },
    { step: 'run', jobId: 'x' },
    { step: 'review', jobIds: ['x', 'y', 'z'] },
  ];
  for (const place of places) expect(placeIn(hashOf(place))).toEqual(place);
});

test('of more than three looks, or the same twice, three different ones are shown; what is no id is passed over', () => {
  expect(placeIn('#/review/a,b,a,c,d')).toEqual({ step: 'review', jobIds: ['a', 'b', 'c'] });
  expect(placeIn('#/review/../etc')).toEqual({ step: 'album' });
  expect(placeIn('#/set/')).toEqual({ step: 'album' });
});

test('a step leads somewhere once there is something for it', () => {
  const none = { photos: [], jobId: null, phase: 'preparing', done: 0, failed: 0 } as const;
  const photo = { id: 'a', name: 'a.jpg', file: null, status: 'picked', progress: 0, error: null, item: null } as const;
  const led = (place: Place, upload: Parameters<typeof wayFrom>[1]) =>
    Object.entries(wayFrom(place, upload)).flatMap(([step, to]) => (to === null ? [] : [step]));
  expect(led({ step: 'album' }, none)).toEqual(['album']);
  expect(led({ step: 'album' }, { ...none, photos: [photo] })).toEqual(['album', 'change']);
  expect(led({ step: 'album' }, { ...none, photos: [photo], jobId: 'j', phase: 'processing' })).toEqual([
    'album',
    'change',
    'run',
  ]);
  expect(led({ step: 'run', jobId: 'j' }, { ...none, photos: [photo], jobId: 'j', phase: 'ended', done: 1 })).toContain(
    'set',
  );
  expect(wayFrom({ step: 'review', jobIds: ['j', 'k'] }, none).set).toEqual({ step: 'set', jobIds: ['j', 'k'] });
});
