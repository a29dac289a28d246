/** The provider front before a real reference worker: a process that starts when a run comes, and fails its runs when it dies. */
import { afterEach, expect, test } from 'vitest';
import { Children } from '../../local/children.ts';
import { type LocalProvider, startLocalProvider } from '../../provider/local.ts';

const lines: string[] = [];
const children = new Children({ onLine: (_, line) => lines.push(line) });
let provider: LocalProvider | undefined;
afterEach(async () => {
  const closing = provider?.close();
  await children.stop();
  await closing;
});

const event = (line: string): Record<string, unknown> => {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
};

test('a worker process starts for a run, and what it refuses is FAILED with its own words', async () => {
  provider = await startLocalProvider(children, { workers: 2, apiKey: 'key', port: 0 });
  expect(lines).toEqual([]);
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { authorization: 'Bearer key' };
    const answer = await fetch(`${provider?.url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { id: string; status: string; error?: string; delayTime?: number };
  };
  const { id, status } = await ask('POST', '/run', { input: { job_id: 'j' } });
  expect(status).toBe('IN_QUEUE');
  const error = expect.stringContaining('the GPU worker answered 400: preset');
  await expect
    .poll(() => ask('GET', `/status/${id}`), { timeout: 25_000 })
    .toMatchObject({ status: 'FAILED', error, delayTime: expect.any(Number) });
  expect(lines.map(event).filter((one) => one.event === 'listening')).toHaveLength(1);
});
