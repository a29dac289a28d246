import { createClient, webStorage } from '@s3-workers/client-sdk';
import { S3Provider } from '@s3-workers/client-sdk/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Album } from './Album.tsx';

const client = createClient({
  baseUrl: import.meta.env.VITE_S3_URL ?? 'http://localhost:8787',
  storage: webStorage(),
});
// The client tries again by itself.
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <S3Provider client={client}>
        <Album />
      </S3Provider>
    </QueryClientProvider>
  </StrictMode>,
);
