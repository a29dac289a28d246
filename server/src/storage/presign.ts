/** Presigned R2 URLs. Keys come from domain/keys.ts only. */
import type { Photo } from '../contract/jobs.ts';
import type { Settings } from '../settings/settings.ts';
import { presigner, type Sign } from './sigv4.ts';

export type PresignSettings = Pick<Settings, 'r2' | 'numbers'>;

export type SignedUpload = { url: string; headers: Record<string, string>; expiresAt: Date };

/**
 * Signed with an empty value, which is what its absence counts as: whoever adds it to a PUT changes what was signed. Not every service
 * takes a signed header that is not sent, so it is a setting.
 */
const noCopy = ({ signCopySource }: Settings['r2']): string[] => (signCopySource ? ['x-amz-copy-source'] : []);

/**
 * PUTs for exactly these photos: type and length are signed, and nothing that lies there is overwritten (412).
 * @param until when they end at the latest, as the job has noted it: clean-up comes after that
 */
export function presignUploads(
  now: number,
  until: number,
  { r2 }: PresignSettings,
): (key: string, photo: Photo) => SignedUpload {
  const seconds = secondsUntil(now, until);
  const expiresAt = new Date(Math.floor(now / 1000) * 1000 + seconds * 1000);
  const headers = ['content-type', 'content-length', 'if-none-match', ...noCopy(r2)];
  const sign = presigner(r2, { method: 'PUT', headers, signedAt: now, seconds });
  return (key, { contentType, bytes }) => {
    const length = String(bytes);
    return {
      url: sign(key, [contentType, length, '*', '']),
      headers: { 'content-type': contentType, 'content-length': length, 'if-none-match': '*' },
      expiresAt,
    };
  };
}

/** What is signed alike, with the URLs that were asked for lately. */
type Downloads = { signedAt: number; seconds: number; sign: Sign; urls: Map<string, string> };
const kept = new WeakMap<Settings['r2'], Downloads>();
/** Twenty of the largest jobs, about 4 MB: an isolate has 128. */
const MAX_KEPT = 8_000;

/**
 * A GET for a user. The signing time is rounded down, so that a poll gets the same URL again and caches hold; it is good
 * for DOWNLOAD_URL_SECONDS from that time. The rounding takes no more than half of that, so that each URL is good for the other half.
 */
export function presignDownload(key: string, now: number, settings: PresignSettings): string {
  const { sign, urls } = downloadsAt(now, settings);
  const known = urls.get(key);
  if (known !== undefined) return known;
  const url = sign(key);
  urls.set(key, url);
  return url;
}

/** The same for a browser to save under this name. */
export function presignSaved(key: string, name: string, now: number, settings: PresignSettings): string {
  const disposition = escaped(`attachment; filename*=UTF-8''${escaped(name)}`);
  return downloadsAt(now, settings).sign(key, [], `&response-content-disposition=${disposition}`);
}

/** When URLs for a user that are signed now end. */
export function downloadsUntil(now: number, settings: PresignSettings): Date {
  const { signedAt, seconds } = downloadsAt(now, settings);
  return new Date(signedAt + seconds * 1000);
}

/** As RFC 8187 and AWS escape, the stricter of both: whatever is no letter, digit or `-._~`. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function downloadsAt(now: number, { r2, numbers }: PresignSettings): Downloads {
  const seconds = numbers.DOWNLOAD_URL_SECONDS;
  const step = Math.max(1, Math.min(numbers.DOWNLOAD_ROUNDING_SECONDS, Math.floor(seconds / 2))) * 1000;
  const signedAt = Math.floor(now / step) * step;
  let downloads = kept.get(r2);
  if (downloads?.signedAt !== signedAt || downloads.seconds !== seconds || downloads.urls.size >= MAX_KEPT) {
    const sign = presigner(r2, { method: 'GET', headers: [], signedAt, seconds });
    downloads = { signedAt, seconds, sign, urls: new Map() };
    kept.set(r2, downloads);
  }
  return downloads;
}

export type WorkerUrls = { get(key: string): string; put(key: string, contentType: string): string };

/** URLs for a GPU worker, good until `until` (milliseconds since the Unix epoch). Type signed, length not. */
export function presignForWorker(now: number, until: number, { r2 }: PresignSettings): WorkerUrls {
  const common = { signedAt: now, seconds: secondsUntil(now, until) };
  const get = presigner(r2, { ...common, method: 'GET', headers: [] });
  const sign = presigner(r2, { ...common, method: 'PUT', headers: ['content-type', ...noCopy(r2)] });
  const put = (key: string, contentType: string): string => sign(key, [contentType, '']);
  return { get, put };
}

/** SigV4 allows a week at most. Rounded down: no URL outlives the moment that the job has noted. */
const MAX_SECONDS = 7 * 86_400;
const secondsUntil = (now: number, until: number): number =>
  Math.max(1, Math.min(MAX_SECONDS, Math.floor((until - now) / 1000)));
