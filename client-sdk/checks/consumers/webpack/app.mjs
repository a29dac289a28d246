import { createClient } from '@s3-workers/client-sdk';

export const client = createClient({ baseUrl: 'https://api.example.com' });
