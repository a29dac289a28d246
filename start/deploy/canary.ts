/** One photo through a deployment, as its users send theirs: by the published client, as a new account, and its result is looked at. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { fromRoot } from '../paths.ts';

/** What came of it, in sentences. */
export type Seen = { ok: boolean; said: string[] };
/** As much of the client as is used here. */
export type CanaryClient = {
  jobs: {
    run(job: object): Promise<{
      jobId: string;
      status: string;
      charged: number | null;
      error: unknown;
      items: readonly { status: string; resultUrl: string | null; error: string | null }[];
    }>;
  };
  user: { delete(): Promise<unknown> };
};

const PHOTO = fromRoot('examples', 'photos', 'seller', 'cookie-box.jpg');
const RULE = fromRoot('examples', 'rules', 'seller.json');

/** Both are compared so small that what compression does is gone: this many pixels to a side. */
const SIDE = 96;
/** Of 255: a pixel has changed when a channel differs by more. So many of a hundred have to. */
const DIFFERENT = 40;
const PER_CENT = 0.5;

/** @param limitMs how long the job may take: a provider's first worker has to start, with its models */
export async function runCanary(client: CanaryClient, limitMs: number): Promise<Seen> {
  const photo = new Uint8Array(readFileSync(PHOTO));
  const rule: unknown = JSON.parse(readFileSync(RULE, 'utf8'));
  const said: string[] = [];
  try {
    const files = [{ name: 'canary.jpg', data: photo }];
    const job = { preset: 'seller', files, rule, signal: AbortSignal.timeout(limitMs) };
    const { jobId, status, charged, error, items } = await client.jobs.run(job);
    const [item] = items;
    const why = item?.error ?? (error === null ? null : JSON.stringify(error));
    said.push(
      `job ${jobId}: ${status}, its photo ${item?.status ?? 'none'}${why === null ? '' : ` (${why})`}, ${charged ?? 'no'} credits charged`,
    );
    if (item?.status !== 'done' || !item.resultUrl || charged !== 1) return { ok: false, said };
    const answer = await fetch(item.resultUrl);
    if (!answer.ok) return { ok: false, said: [...said, `its result: ${answer.status} from storage`] };
    const looked = await lookAt(photo, new Uint8Array(await answer.arrayBuffer()));
    return { ok: looked.ok, said: [...said, ...looked.said] };
  } catch (error) {
    return { ok: false, said: [...said, `the job: ${error instanceof Error ? error.message : String(error)}`] };
  } finally {
    // What it leaves would go by itself, later; that it does not go now says nothing of the deployment.
    await client.user.delete().catch(() => {});
  }
}

/** Whether the result is a picture of the photo's size, and another picture than the photo. */
export async function lookAt(photo: Uint8Array, result: Uint8Array): Promise<Seen> {
  const before = await small(photo);
  let after: Small;
  try {
    after = await small(result);
  } catch (error) {
    return { ok: false, said: [`its result is no picture: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (before.size !== after.size) {
    return { ok: false, said: [`its result is ${after.size}, and the photo ${before.size}`] };
  }
  let changed = 0;
  for (let at = 0; at < before.rgb.length; at += 3) {
    const isFar = (channel: number) =>
      Math.abs((before.rgb[at + channel] ?? 0) - (after.rgb[at + channel] ?? 0)) > DIFFERENT;
    if (isFar(0) || isFar(1) || isFar(2)) changed++;
  }
  const share = (changed / (SIDE * SIDE)) * 100;
  const said = `its result is ${after.size}, ${share.toFixed(1)} % of it changed`;
  return share >= PER_CENT ? { ok: true, said: [said] } : { ok: false, said: [`${said}: that is the photo again`] };
}

type Small = { size: string; rgb: Uint8Array };

async function small(bytes: Uint8Array): Promise<Small> {
  // Decoded whole, so that one that is cut short shows.
  const picture = sharp(bytes, { failOn: 'warning' }).removeAlpha().toColourspace('srgb');
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const rgb = await sharp(data, { raw }).resize(SIDE, SIDE, { fit: 'fill', kernel: 'mitchell' }).raw().toBuffer();
  return { size: `${info.width}×${info.height}`, rgb };
}
