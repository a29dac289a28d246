/** What a GPU worker is sent: taken as it is when it fits, refused by its field when it does not. */
import { expect, test } from 'vitest';
import { parseDispatch, WebhookError } from '../../src/webhooks/index.ts';
import { MESSAGE } from './message.ts';

test('a message that fits comes back typed, with fields that are not known', () => {
  const message = { ...MESSAGE, new_field: 1 };
  expect(parseDispatch(JSON.stringify(message))).toEqual(message);
  expect(parseDispatch(message)).toBe(message);
});

test('a message of a server that names no output_type asks for PNG', () => {
  const { output_type: _, ...older } = MESSAGE;
  expect(parseDispatch(older).output_type).toBe('image/png');
});

type Change = (message: Record<string, unknown> & { items: Record<string, unknown>[] }) => void;
test.each<[field: string, change: Change]>([
  ['job_id', (message) => delete message.job_id],
  ['attempt', (message) => Object.assign(message, { attempt: 0 })],
  ['preset', (message) => Object.assign(message, { preset: 'garden' })],
  [
    'concepts.Floor.value',
    (message) => Object.assign(message, { concepts: { Floor: { action: 'recolor', value: 'oak' } } }),
  ],
  ['concepts.Wall.action', (message) => Object.assign(message, { concepts: { Wall: { action: 'paint' } } })],
  [
    'concepts.Wall.value',
    (message) => Object.assign(message, { concepts: { Wall: { action: 'tone', value: 'loud' } } }),
  ],
  ['protect[0]', (message) => Object.assign(message, { protect: [1] })],
  ['output_type', (message) => Object.assign(message, { output_type: 'image/gif' })],
  ['items', (message) => Object.assign(message, { items: [] })],
  ['items', (message) => Object.assign(message, { items: Array(201).fill(message.items[0]) })],
  ['items[0].idx', (message) => Object.assign(message.items[0] ?? {}, { idx: 200 })],
  ['items[0].input_url', (message) => Object.assign(message.items[0] ?? {}, { input_url: 'file:///etc/passwd' })],
  ['items[0].mask_urls.Floor', (message) => Object.assign(message.items[0] ?? {}, { mask_urls: { Floor: null } })],
  ['callback_url', (message) => Object.assign(message, { callback_url: 'nowhere' })],
  ['callback_token', (message) => Object.assign(message, { callback_token: '' })],
])('a wrong %s is named', (field, change) => {
  const message = JSON.parse(JSON.stringify(MESSAGE)) as Parameters<Change>[0];
  change(message);
  const refused = () => parseDispatch(message);
  expect(refused).toThrow(WebhookError);
  expect(refused).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', field, retryable: false }));
});

test.each(['', '{', 'null', '[]', '"text"'])('%j is no message', (body) => {
  expect(() => parseDispatch(body)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', field: '' }));
});
