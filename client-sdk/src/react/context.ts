/** The client of an app, for the hooks below its provider. */
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react';
import type { S3Client } from '../client.ts';

const Context = createContext<S3Client | null>(null);

/** Gives `client` to the hooks below. */
export function S3Provider({ client, children }: { client: S3Client; children?: ReactNode }): ReactElement {
  return createElement(Context.Provider, { value: client }, children);
}

/** As `useS3Client`, but null where there is none. */
export const useS3ClientIfAny = (client?: S3Client): S3Client | null => {
  const given = useContext(Context);
  return client ?? given;
};

/** The client of the nearest `S3Provider`. @param client in place of it */
export function useS3Client(client?: S3Client): S3Client {
  const found = useS3ClientIfAny(client);
  if (found === null) throw new Error('no S3Provider above, and no client given');
  return found;
}
