/**
 * tRPC's own client as it comes from npm: the first release of version 11, one from the middle, and the newest. The older ones stand in
 * `proving/suites/trpc-clients/`, each with the server package that it wants beside it.
 */
import { readFileSync } from 'node:fs';
import * as newest from '@trpc/client';
import { fromRoot } from '../../../start/paths.ts';
import * as first from '../trpc-clients/11.0.0/client.ts';
import * as middle from '../trpc-clients/11.10.0/client.ts';

/** All are used through the newest one's types: what the others lack is not used. */
export type Client = typeof newest;
export type Stock = { version: string; client: Client };

const versionIn = (...folder: string[]): string => {
  const file = fromRoot(...folder, 'node_modules', '@trpc', 'client', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

export const CLIENTS: readonly Stock[] = [
  { version: versionIn('proving', 'suites', 'trpc-clients', '11.0.0'), client: first as unknown as Client },
  { version: versionIn('proving', 'suites', 'trpc-clients', '11.10.0'), client: middle as unknown as Client },
  { version: versionIn(), client: newest },
];

export const HTTP_LINKS = ['httpLink', 'httpBatchLink', 'httpBatchStreamLink'] as const;

/** What a call was refused with. */
export const refusalOf = (call: Promise<unknown>): Promise<{ data: unknown }> =>
  call.then(
    () => Promise.reject(new Error('the call was taken')),
    (error: { data: unknown }) => error,
  );
