/** A message as it is dispatched. */
import type { DispatchMessage } from '../../src/webhooks/index.ts';

const url = (name: string) => `https://storage.test/${name}`;
export const MESSAGE: DispatchMessage = {
  job_id: 'j0b',
  user_id: 'usr_1',
  attempt: 1,
  preset: 'interior',
  concepts: { Floor: { action: 'recolor', value: '#C8A27A' }, Wall: { action: 'remove' } },
  protect: ['Grout'],
  output_type: 'image/png',
  items: [0, 1, 2].map((idx) => ({
    idx,
    input_key: `inputs/${idx}.jpg`,
    output_key: `outputs/${idx}_result.png`,
    preview_key: `previews/${idx}_thumb.jpg`,
    input_url: url('in'),
    output_url: url('out'),
    preview_url: url('preview'),
    mask_urls: { Floor: url('mask') },
    instances_url: url('instances'),
  })),
  callback_url: 'https://api.test/jobs/j0b/callback',
  callback_token: 'cb_token',
  idempotency_prefix: 'j0b:1',
  batch_concurrency: 4,
};
