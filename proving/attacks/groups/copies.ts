/**
 * Requests on a good presigned URL that ask for more than its signature says: headers and parameters that nobody signed. The simulator
 * honours the headers by itself; the door before it refuses them, as S3 does. SECURITY.md says what R2 has to be asked.
 */

import type { Reply } from '../../world/bundle/http.ts';
import { PHOTO, type Running, type Upload, unsized, VICTIMS_PHOTO } from '../../world/bundle/jobs.ts';
import type { World } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { DENIED, presigning, put, slot } from './presigning.ts';

type Target = { url: string; headers: Record<string, string> };

const upload = ({ url, headers }: Upload): Target => ({ url, headers: unsized(headers) });
const output = ({ dispatch: message }: Running): Target => {
  const item = message.items[0];
  must(item !== undefined, 'the dispatch has no photo');
  return { url: item.output_url, headers: { 'content-type': message.output_type } };
};
const keyOf = ({ url }: Target): string => new URL(url).pathname.split('/s3-images/')[1] ?? '';
/** Where the victim's photo lies, which the attacker knows from somewhere. */
const photoOf = ({ victim }: World): string => `inputs/${victim.userId}/${victim.jobs.done.jobId}/0.jpg`;

async function stored(world: World, key: string): Promise<Buffer | null> {
  const bucket = await world.production.mf.getR2Bucket('R2');
  const object = await bucket.get(key);
  return object === null ? null : Buffer.from(await object.arrayBuffer());
}

/** Copies the victim's photo in each form that the header may have, and looks whose bytes lie there then. */
async function copy(world: World, target: Target, more: Record<string, string>): Promise<Reply[]> {
  const source = `s3-images/${photoOf(world)}`;
  must((await stored(world, photoOf(world)))?.equals(VICTIMS_PHOTO) === true, 'the victim has no photo of his own');
  const replies: Reply[] = [];
  for (const form of [`/${source}`, source, `/${encodeURIComponent(source)}`, `/${source}?versionId=null`]) {
    replies.push(await put(world, target.url, { ...target.headers, 'x-amz-copy-source': form, ...more }));
  }
  const now = await stored(world, keyOf(target));
  must(now?.equals(VICTIMS_PHOTO) !== true, "it holds the victim's photo");
  return replies;
}

function copies(
  what: string,
  target: (world: World) => Promise<Target>,
  more: Record<string, string> = {},
  answer = DENIED,
): void {
  presigning.staged(`a PUT that copies another user's photo ${what}`, answer, async (world) => {
    const onto = await target(world);
    return () => copy(world, onto, more);
  });
}

const own = async (world: World) => upload(slot(await world.jobs.created(await world.signUp(), 1)));
const taken = async (world: World) => upload(slot(await world.jobs.uploaded(await world.signUp(), 1)));
const running = async (world: World) => world.jobs.running(await world.signUp(), 1);

copies("onto the attacker's own upload URL (x-amz-copy-source)", own);
copies('with its type replaced (x-amz-metadata-directive)', own, { 'x-amz-metadata-directive': 'REPLACE' });
copies('in part (x-amz-copy-source-range)', own, { 'x-amz-copy-source-range': 'bytes=0-31' });
copies('over what lies there already', taken);
copies("onto a GPU worker's output_url", async (world) => output(await running(world)));
copies("over a result, by a GPU worker's output_url", async (world) => {
  const job = await running(world);
  await world.jobs.putResults(job, [0]);
  return output(job);
});

const UNSIGNED: Record<string, string> = {
  'x-amz-acl': 'public-read',
  'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
  'x-amz-tagging': 'keep=yes',
  'x-amz-meta-owner': 'somebody else',
  'x-amz-storage-class': 'STANDARD_IA',
  'x-amz-website-redirect-location': 'https://evil.test/',
  'x-amz-server-side-encryption': 'AES256',
  'x-amz-server-side-encryption-customer-algorithm': 'AES256',
  'x-amz-object-lock-mode': 'COMPLIANCE',
  'x-amz-security-token': 'token',
  'x-amz-never-heard-of': '1',
};
presigning.staged('a PUT with x-amz- headers that nobody signed', DENIED, async (world) => {
  const targets = [await own(world), output(await running(world))];
  const one = ({ url, headers }: Target, [name, value]: [string, string]) =>
    put(world, url, { ...headers, [name]: value });
  return () => Promise.all(targets.flatMap((target) => Object.entries(UNSIGNED).map((entry) => one(target, entry))));
});

const PARAMETERS = ['uploads', 'uploadId=1&partNumber=1', 'acl', 'tagging', 'versionId=1', 'x-id=PutObject', 'cors'];
presigning.staged('a URL with a parameter that nobody signed, or for another method', DENIED, async (world) => {
  const targets = [await own(world), output(await running(world))];
  return async () => {
    const replies: Reply[] = [];
    for (const { url, headers } of targets) {
      for (const more of PARAMETERS) replies.push(await put(world, `${url}&${more}`, headers));
      for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'PATCH']) {
        const body = method === 'POST' || method === 'PATCH' ? { body: PHOTO } : {};
        replies.push(await world.send(url, { method, headers, ...body }));
      }
      const override = { ...headers, 'x-http-method-override': 'PUT' };
      replies.push(await world.send(url, { method: 'POST', headers: override, body: PHOTO }));
    }
    return replies;
  };
});

presigning.staged(
  'a photo that its reader would unpack (content-encoding)',
  answers(409, 'UPLOAD_INCOMPLETE'),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.created(owner, 1);
    const { url, headers } = upload(slot(job));
    const { status } = await put(world, url, { ...headers, 'content-encoding': 'gzip' });
    must(status === 200, `an upload with a content encoding answered ${status}`);
    return () => world.mutate('jobs.confirmUpload', { jobId: job.jobId }, { token: owner.token });
  },
);
