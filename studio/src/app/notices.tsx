/** What holds for the whole page: no line, a server that is away, a session that has ended, and a browser that keeps nothing. */
import { isS3Error } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Client, useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { storageWarning } from './client.ts';
import { appWords } from './words.ts';

const line = {
  read: () => navigator.onLine,
  subscribe(listener: () => void) {
    addEventListener('online', listener);
    addEventListener('offline', listener);
    return () => {
      removeEventListener('online', listener);
      removeEventListener('offline', listener);
    };
  },
};

export function Notices() {
  const w = useWords(appWords);
  const online = useSyncExternalStore(line.subscribe, line.read);
  const warning = useSyncExternalStore(storageWarning.subscribe, storageWarning.read);
  return (
    <div role="status" className="text-sm">
      {!online && <Notice>{w.offline}</Notice>}
      {warning !== null && <Notice>{w.memoryOnly}</Notice>}
      {online && <ServerNotice />}
    </div>
  );
}

const Notice = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-x-3 border-line border-b bg-well px-4 py-2 sm:px-6">{children}</div>
);

/** With these nobody gets in any more by himself. */
const SESSION_ENDED = ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'AUTH_REQUIRED'];

function ServerNotice() {
  const w = useWords(appWords);
  const language = useLanguage();
  const client = useS3Client();
  const { error, refetch } = useQuery(useS3Options().user.me.queryOptions());
  if (error === null) return null;
  const isEnded = isS3Error(error) && SESSION_ENDED.includes(error.code);
  const beginAnew = () => void client.auth.forget().then(() => location.assign('/'));
  return (
    <Notice>
      <p>{isEnded ? w.sessionEnded : errorText(error, language)}</p>
      <button
        type="button"
        className="min-h-9 text-accent underline"
        onClick={isEnded ? beginAnew : () => void refetch()}
      >
        {isEnded ? w.beginAnew : w.again}
      </button>
    </Notice>
  );
}
