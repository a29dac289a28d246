import { createClient, isS3Error, type RunResult, webStorage } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { renderSet, type SetOptions } from '@s3-workers/client-sdk/sets';
import { createTestServer } from '@s3-workers/client-sdk/testing';
import { parseDispatch } from '@s3-workers/client-sdk/webhooks';

const AsyncStorage = {
  getItem: (_key: string, _callback?: (error?: Error, result?: string) => void) => Promise.resolve<string | null>(null),
  setItem: (_key: string, _value: string) => Promise.resolve(),
  removeItem: (_key: string) => Promise.resolve(),
};
export const clients = [
  createClient({ baseUrl: '', storage: webStorage() }),
  createClient({ baseUrl: '', storage: AsyncStorage }),
  createTestServer().createClient(),
];
export async function produce(file: File): Promise<RunResult | string> {
  try {
    const concepts = { Floor: { action: 'recolor', value: 'oak' } } as const;
    return await createClient({ baseUrl: '' }).jobs.run({ preset: 'interior', files: file, concepts });
  } catch (error) {
    return isS3Error(error, 'CREDITS_EXHAUSTED') ? `${error.data.needed}` : errorText(error, 'ko');
  }
}
export const read = parseDispatch;
export const set = (options: SetOptions) => renderSet({ ...options, channel: 'square' });
