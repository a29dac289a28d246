import { createClient } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';

globalThis.app = { client: createClient({ baseUrl: 'https://api.example.com' }), errorText };
