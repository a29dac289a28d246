/** What every part of the page stands on. */
import { S3Provider } from '@s3-workers/client-sdk/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useLanguage } from '../words/language.ts';
import { client, queryClient } from './client.ts';

export function Providers({ children }: { children: ReactNode }) {
  const language = useLanguage();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <QueryClientProvider client={queryClient}>
      <S3Provider client={client}>{children}</S3Provider>
    </QueryClientProvider>
  );
}
