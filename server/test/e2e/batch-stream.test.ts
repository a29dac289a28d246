/** tRPC's batches that are answered as a stream, through the proxy of `wrangler dev`: what a frontend developer may well have set up. */
import { createTRPCUntypedClient, httpBatchStreamLink } from '@trpc/client';
import superjson from 'superjson';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENTS, HTTP_LINKS } from '../../../proving/suites/trpc/clients.ts';
import { type Stack, startStack } from '../../../start/local/stack.ts';

/** Most of what breaks by chance breaks within so many. */
const TIMES = 30;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gpu: 'none' });
});
afterAll(() => stack?.stop());

function streaming(token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return createTRPCUntypedClient({
    links: [httpBatchStreamLink({ url: `${stack.baseUrl}/trpc`, transformer: superjson, headers })],
  });
}

it('mutations come through, one by one and together', async () => {
  const client = streaming();
  for (let n = 0; n < TIMES; n++) {
    const together = ['auth.anon', 'auth.anon', 'auth.anon'].map((path) => client.mutation(path, {}));
    const [{ token }] = (await Promise.all(together)) as [{ token: string }];
    const photos = [{ contentType: 'image/jpeg', bytes: 1000 }];
    const made = await streaming(token).mutation('jobs.create', { preset: 'interior', photos });
    expect(made).toMatchObject({ uploads: [{ idx: 0 }] });
  }
});

it.each([
  ['in a small body', 100, 'TOKEN_INVALID'],
  ['in one of 100 KB', 100_000, 'TOKEN_INVALID'],
  ['in one that is beyond the limit', 300_000, 'PAYLOAD_TOO_LARGE'],
])('what is refused %s is refused by its code', async (_, size, errorCode) => {
  for (let n = 0; n < TIMES; n++) {
    const refused = streaming('no-token').mutation('rules.create', { name: 'x'.repeat(size) });
    await expect(refused).rejects.toMatchObject({ data: { errorCode } });
  }
});

it.each(
  CLIENTS.flatMap((stock) => HTTP_LINKS.map((link) => ({ ...stock, link }))),
)('@trpc/client $version with $link signs in, and what is refused beside what is not', async ({ client, link }) => {
  const connect = (headers: Record<string, string>) =>
    client.createTRPCUntypedClient({
      links: [client[link]({ url: `${stack.baseUrl}/trpc`, transformer: superjson, headers })],
    });
  const { token } = (await connect({}).mutation('auth.anon', {})) as { token: string };
  const api = connect({ authorization: `Bearer ${token}` });
  const [me, missing, presets] = await Promise.allSettled([
    api.query('user.me'),
    api.query('rules.get', { id: 'none' }),
    api.query('presets.list'),
  ]);
  expect(me).toMatchObject({ status: 'fulfilled', value: { plan: 'free' } });
  expect(missing).toMatchObject({ status: 'rejected', reason: { data: { errorCode: 'RULE_NOT_FOUND' } } });
  expect(presets).toMatchObject({ status: 'fulfilled', value: [{ id: 'interior' }, { id: 'seller' }] });
});
