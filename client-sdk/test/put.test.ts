/** Uploads in a browser, where XMLHttpRequest counts the bytes as they leave, and files on React Native. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readBytes } from '../src/upload/bytes.ts';
import { createPut } from '../src/upload/put.ts';
import { bytes, caught } from './support.ts';

/** As much of XMLHttpRequest as an upload uses, driven by the test. */
class FakeXhr {
  static last: FakeXhr;
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  readonly headers: Record<string, string> = {};
  onload = () => {};
  onerror = () => {};
  onabort = () => {};
  status = 0;
  method = '';
  sent: unknown = null;
  aborted = false;
  constructor() {
    FakeXhr.last = this;
  }
  open(method: string): void {
    this.method = method;
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  send(body: unknown): void {
    this.sent = body;
  }
  abort(): void {
    this.aborted = true;
    this.onabort();
  }
  getResponseHeader(name: string): string | null {
    return name === 'retry-after' ? '7' : null;
  }
}

beforeEach(() => void vi.stubGlobal('XMLHttpRequest', FakeXhr));
afterEach(() => vi.unstubAllGlobals());

const photo = bytes('some bytes');
const headers = { 'content-type': 'image/png', 'content-length': '10', 'if-none-match': '*', host: 'h' };

test('the bytes are told as they leave, and headers that a page must not set are left to it', async () => {
  const told: number[] = [];
  const answer = createPut(undefined)('u', headers, photo, (sent) => told.push(sent), new AbortController().signal);
  const { last } = FakeXhr;
  expect(last).toMatchObject({
    method: 'PUT',
    sent: photo,
    headers: { 'content-type': 'image/png', 'if-none-match': '*' },
  });
  expect(Object.keys(last.headers)).toHaveLength(2);
  last.upload.onprogress?.({ loaded: 4 });
  last.upload.onprogress?.({ loaded: 10 });
  last.status = 200;
  last.onload();
  expect(await answer).toEqual({ status: 200, retryAfter: '7' });
  expect(told).toEqual([4, 10]);
});

test('an abort reaches the request at once', async () => {
  const controller = new AbortController();
  const answer = createPut(undefined)('u', headers, photo, () => {}, controller.signal);
  controller.abort();
  expect(FakeXhr.last.aborted).toBe(true);
  expect(await caught(answer)).toBeInstanceOf(Error);
});

test('nothing is sent with a signal that has fired', async () => {
  const answer = createPut(undefined)('u', headers, photo, () => {}, AbortSignal.abort());
  expect(await caught(answer)).toBeInstanceOf(Error);
  expect(FakeXhr.last.sent).toBeNull();
});

test('no answer says that the CORS rule may be what is missing', async () => {
  const answer = createPut(undefined)('u', headers, photo, () => {}, new AbortController().signal);
  FakeXhr.last.onerror();
  expect(await caught(answer)).toMatchObject({ message: expect.stringContaining('CORS') });
});

test("the app's own fetch is used for uploads as well", async () => {
  const seen: string[] = [];
  const put = createPut(async (url) => {
    seen.push(url);
    return new Response(null, { status: 201 });
  });
  const told: number[] = [];
  expect(await put('u', headers, photo, (sent) => told.push(sent), new AbortController().signal)).toMatchObject({
    status: 201,
  });
  expect([seen, told]).toEqual([['u'], [10]]);
});

test("React Native's files, which only a FileReader reads, and only as text, give the same bytes", async () => {
  const blob = new Blob([photo]);
  const native = { size: blob.size, slice: (from: number, to: number) => ({ part: photo.slice(from, to) }) };
  class FakeReader {
    result = '';
    onload = () => {};
    readAsDataURL({ part }: { part: Uint8Array }): void {
      this.result = `data:application/octet-stream;base64,${Buffer.from(part).toString('base64')}`;
      queueMicrotask(() => this.onload());
    }
  }
  vi.stubGlobal('FileReader', FakeReader);
  expect(await readBytes(native as never, 2, 7)).toEqual(photo.slice(2, 7));
});
