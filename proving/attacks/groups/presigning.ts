/** Presigned URLs: good for one key, one type, one length, once, and for as long as they say. */

import type { Reply } from '../../world/bundle/http.ts';
import { type Job, PHOTO, type Running, type Upload, unsized } from '../../world/bundle/jobs.ts';
import { data, text, type World } from '../../world/bundle/world.ts';
import { passes } from '../../world/clock.ts';
import { expiryOf } from '../../world/jobs.ts';
import { answers, Group, must } from '../attack.ts';

export const presigning = new Group('presigning');
export const DENIED = answers([400, 401, 403]);
/** Milliseconds that a URL of a result is good for in the world `short`. */
const DOWNLOAD_URL_MS = 2_000;

const REFUSED = answers([400, 403, 404, 405, 411, 412, 501]);

export const slot = (job: Job, idx = 0): Upload => {
  const found = job.uploads[idx];
  must(found !== undefined, `the job has no upload ${idx}`);
  return found;
};
export const put = (world: World, url: string, headers: Record<string, string>, body: string | Uint8Array = PHOTO) =>
  world.send(url, { method: 'PUT', headers, body });

/** The victim's job waits for its photos: nothing lies there, and nothing may come to lie there. */
function badPut(name: string, send: (world: World, upload: Upload) => Promise<Reply | Reply[]>, answer = DENIED): void {
  presigning.attack(name, answer, async (world) => send(world, slot(world.victim.jobs.created)));
}

badPut('PUT with another type', (world, { url, headers }) =>
  Promise.all(
    ['text/html', 'image/png', 'image/svg+xml', ''].map((type) =>
      put(world, url, { ...unsized(headers), 'content-type': type }),
    ),
  ),
);
badPut('PUT without a type', (world, { url, headers }) => {
  const { 'content-type': _, ...rest } = unsized(headers);
  return put(world, url, rest);
});
badPut('PUT with another length: a byte less, a byte more, nothing, a megabyte', (world, { url, headers }) =>
  Promise.all(
    [PHOTO.subarray(1), Buffer.concat([PHOTO, PHOTO.subarray(0, 1)]), Buffer.alloc(0), Buffer.alloc(1_000_000)].map(
      (body) => put(world, url, unsized(headers), body),
    ),
  ),
);
badPut(
  'PUT of more than was signed, in chunks and without a length',
  (world, { url, headers }) =>
    world.send(url, {
      method: 'PUT',
      headers: unsized(headers),
      body: Buffer.concat([PHOTO, PHOTO]),
      chunked: true,
    }),
  answers([400, 403, 411]),
);
badPut('PUT without its signed header', (world, { url, headers }) => {
  const { 'if-none-match': _, ...rest } = unsized(headers);
  return put(world, url, rest);
});
badPut('PUT with its signed header changed', (world, { url, headers }) =>
  put(world, url, { ...unsized(headers), 'if-none-match': '"other"' }),
);
const keyOf = (upload: Upload): string => new URL(upload.url).pathname;
/** The same signature on another path, which no client's own URL parser has tidied up. */
const moved = (world: World, { url, headers }: Upload, path: string): Promise<Reply> => {
  const { origin, search } = new URL(url);
  return put(world, `${origin}${path}${search}`, unsized(headers));
};
badPut("PUT under another key: another photo's, another job's, another user's", (world, upload) => {
  const path = keyOf(upload);
  const { job, userId } = world.attacker;
  const paths = [
    path.replace('/0.jpg', '/1.jpg'),
    path.replace('/inputs/', '/outputs/'),
    path.replace(world.victim.jobs.created.jobId, job.jobId),
    path.replace(world.victim.userId, userId),
    path.slice(0, path.lastIndexOf('/')),
    `${path}.html`,
  ];
  return Promise.all(paths.map((other) => moved(world, upload, other)));
});
badPut(
  'PUT with .. and %2e%2e in the key',
  (world, upload) => {
    const folder = keyOf(upload).slice(0, keyOf(upload).lastIndexOf('/'));
    const paths = [
      '../0.jpg',
      '%2e%2e/0.jpg',
      '..%2f0.jpg',
      '%252e%252e/0.jpg',
      './/0.jpg',
      '..\\0.jpg',
      '0.jpg%00.png',
    ];
    return Promise.all(paths.map((path) => moved(world, upload, `${folder}/${path}`)));
  },
  REFUSED,
);
badPut(
  'the URL of a PUT for another method',
  async (world, { url, headers }) => {
    const replies: Reply[] = [];
    for (const method of ['GET', 'HEAD', 'DELETE', 'POST']) {
      const body = method === 'POST' ? { body: PHOTO } : {};
      replies.push(await world.send(url, { method, headers: unsized(headers), ...body }));
    }
    return replies;
  },
  REFUSED,
);
const edited = (url: string, change: (params: URLSearchParams) => void): string => {
  const parsed = new URL(url);
  change(parsed.searchParams);
  return parsed.toString();
};
badPut('PUT with a longer life, another day, another signer or another signature', (world, { url, headers }) => {
  const edits: ((params: URLSearchParams) => void)[] = [
    (params) => params.set('X-Amz-Expires', '604800'),
    (params) => params.set('X-Amz-Date', '20991231T235959Z'),
    (params) => params.set('X-Amz-Credential', `attacker/20261124/auto/s3/aws4_request`),
    (params) => params.set('X-Amz-SignedHeaders', 'host'),
    (params) => params.set('X-Amz-Algorithm', 'none'),
    (params) => params.set('X-Amz-Signature', '0'.repeat(64)),
    (params) => params.delete('X-Amz-Signature'),
    (params) => params.delete('X-Amz-Expires'),
    (params) => params.append('uploads', ''),
  ];
  return Promise.all(edits.map((edit) => put(world, edited(url, edit), unsized(headers))));
});
badPut(
  'a PUT without any signature',
  (world, { url, headers }) =>
    Promise.all([
      put(world, url.split('?')[0] ?? '', unsized(headers)),
      world.send(url.split('?')[0] ?? ''),
      world.send(`${world.production.s3.endpoint}/${world.production.s3.bucket}?list-type=2`),
      world.send(`${world.production.s3.endpoint}/`),
    ]),
  answers([400, 401, 403, 404]),
);

const worker = (
  name: string,
  answer: ReturnType<typeof answers>,
  send: (world: World, job: Running) => Promise<Reply[]>,
): void => presigning.attack(name, answer, (world) => send(world, world.victim.jobs.running as Running));
worker("a GPU worker's URL with another type, key or method", REFUSED, async (world, { dispatch: message }) => {
  const item = message.items[0];
  must(item !== undefined, 'the dispatch has no photo');
  const png = { 'content-type': 'image/png' };
  return [
    await put(world, item.output_url, { 'content-type': 'text/html' }, '<script>'),
    await put(world, item.output_url, { 'content-type': 'image/jpeg' }, 'a type that the job was not executed for'),
    await put(world, item.output_url.replace('/0_result', '/1_result'), png, 'x'),
    await put(world, item.output_url.replace('/outputs/', '/inputs/'), png, 'x'),
    await put(world, item.input_url, { 'content-type': 'image/jpeg' }, 'x'),
    await world.send(item.output_url, { method: 'DELETE' }),
    await world.send(item.output_url),
    await put(world, (Object.values(item.mask_urls)[0] ?? '').replace('/0_', '/1_'), png, 'x'),
  ];
});
presigning.attack("the URL of a result for somebody else's key, for a listing, or as a PUT", REFUSED, async (world) => {
  const { victim } = world;
  const seen = data(await world.query('jobs.get', { jobId: victim.jobs.done.jobId }, { token: victim.token }));
  const url = text(seen, 'items', 0, 'resultUrl');
  const { origin, pathname, search } = new URL(url);
  const bucket = pathname.slice(0, pathname.indexOf('/outputs/'));
  return [
    await world.send(url.replace('/0_result', '/1_result')),
    await world.send(url.replace(victim.jobs.done.jobId, victim.jobs.running.jobId)),
    await world.send(`${origin}${bucket}/inputs/${victim.userId}/${victim.jobs.done.jobId}/0.jpg${search}`),
    await world.send(`${origin}${bucket}${search}&list-type=2`),
    await put(world, url, { 'content-type': 'image/png' }, 'overwritten'),
    await world.send(url, { method: 'DELETE' }),
  ];
});
presigning.staged(
  'the URL of a result after its expiry',
  DENIED,
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.done(owner, 1);
    let url: string;
    let reply: Reply;
    // On a slow machine one may be over before it is asked for: then the next.
    do {
      const seen = data(await world.query('jobs.get', { jobId: job.jobId }, { token: owner.token }));
      url = text(seen, 'items', 0, 'resultUrl');
      reply = await world.send(url);
    } while (reply.status !== 200 && Date.now() >= expiryOf(url));
    must(reply.status === 200, 'the result cannot be fetched at all');
    // A URL that says it is good for longer is asked for when this world's have ended: that it still answers is what the attack looks for.
    const left = Math.min(expiryOf(url) - Date.now(), DOWNLOAD_URL_MS);
    await passes(left + 1100);
    return () => world.send(url);
  },
  // Its photos are tidied up meanwhile.
  { world: 'short', changes: [/^job\//, /^r2\/inputs\//] },
);
presigning.attack(
  'new upload URLs for a job that no longer waits for photos',
  answers(409, 'INVALID_TRANSITION'),
  (world) =>
    Promise.all(
      (['uploaded', 'running', 'done'] as const).map((stage) =>
        world.mutate(
          'jobs.renewUploads',
          { jobId: world.victim.jobs[stage].jobId, indexes: [0] },
          { token: world.victim.token },
        ),
      ),
    ),
);
presigning.attack('new upload URLs for photos that the job has not', answers(400, 'VALIDATION_ERROR'), (world) =>
  Promise.all(
    [[2], [199], [200], [-1], [0.5], [], Array.from({ length: 201 }, () => 0), ['0'], ['__proto__']].map((indexes) =>
      world.mutate(
        'jobs.renewUploads',
        { jobId: world.victim.jobs.created.jobId, indexes },
        { token: world.victim.token },
      ),
    ),
  ),
);
presigning.staged(
  'photos that are missing, or other than announced',
  answers(409, 'UPLOAD_INCOMPLETE'),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 2);
    const bucket = await world.production.mf.getR2Bucket('R2');
    const key = new URL(slot(job).url).pathname.split('/s3-images/')[1] ?? '';
    await bucket.put(key, Buffer.alloc(PHOTO.length + 1), { httpMetadata: { contentType: 'text/html' } });
    return () => world.mutate('jobs.confirmUpload', { jobId: job.jobId }, { token: owner.token });
  },
);
