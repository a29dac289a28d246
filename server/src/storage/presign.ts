/** Presigned R2 URLs (AWS Signature Version 4 in the query). Keys come from domain/keys.ts only. */
import { AwsV4Signer } from 'aws4fetch';
import type { Photo } from '../contract/jobs.ts';
import type { Settings } from '../env.ts';

/** Signing keys by day, service and region: one derivation serves every URL of a day. */
const signingKeys = new Map<string, ArrayBuffer>();
const MAX_CACHED_KEYS = 16;

export type PresignSettings = Pick<Settings, 'r2' | 'numbers'>;

async function presign(
  method: 'GET' | 'PUT',
  key: string,
  headers: Record<string, string>,
  signedAt: number,
  seconds: number,
  { r2 }: PresignSettings,
): Promise<string> {
  if (signingKeys.size > MAX_CACHED_KEYS) signingKeys.clear();
  const url = new URL(`${r2.endpoint}/${r2.bucket}/${key}`);
  url.searchParams.set('X-Amz-Expires', String(Math.max(1, Math.floor(seconds))));
  const signer = new AwsV4Signer({
    method,
    url: url.toString(),
    headers,
    accessKeyId: r2.accessKeyId,
    secretAccessKey: r2.secretAccessKey,
    service: 's3',
    region: 'auto',
    signQuery: true,
    allHeaders: true,
    datetime: new Date(signedAt).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    cache: signingKeys,
  });
  return (await signer.sign()).url.toString();
}

export type SignedUpload = { url: string; headers: Record<string, string>; expiresAt: Date };

/** A PUT for exactly this photo: type and length are signed, and nothing that lies there is overwritten (412). */
export async function presignUpload(
  key: string,
  photo: Photo,
  now: number,
  settings: PresignSettings,
): Promise<SignedUpload> {
  const seconds = settings.numbers.UPLOAD_URL_SECONDS;
  const headers = {
    'content-type': photo.contentType,
    'content-length': String(photo.bytes),
    'if-none-match': '*',
  };
  const url = await presign('PUT', key, headers, now, seconds, settings);
  return { url, headers, expiresAt: new Date(Math.floor(now / 1000) * 1000 + seconds * 1000) };
}

/**
 * A GET for a user. The signing time is rounded down, so that a poll gets the same URL again and caches hold; it is good
 * for DOWNLOAD_URL_SECONDS from that time, and never for less than their difference to the rounding.
 */
export function presignDownload(key: string, now: number, settings: PresignSettings): Promise<string> {
  const step = settings.numbers.DOWNLOAD_ROUNDING_SECONDS * 1000;
  return presign('GET', key, {}, Math.floor(now / step) * step, settings.numbers.DOWNLOAD_URL_SECONDS, settings);
}

/** URLs for a GPU worker, good until `until` (milliseconds since the Unix epoch). Type signed, length not. */
export function presignWorkerGet(key: string, now: number, until: number, settings: PresignSettings): Promise<string> {
  return presign('GET', key, {}, now, secondsUntil(now, until), settings);
}
export function presignWorkerPut(
  key: string,
  contentType: string,
  now: number,
  until: number,
  settings: PresignSettings,
) {
  return presign('PUT', key, { 'content-type': contentType }, now, secondsUntil(now, until), settings);
}

/** SigV4 allows a week at most. */
const MAX_SECONDS = 7 * 86_400;
const secondsUntil = (now: number, until: number): number => Math.min(MAX_SECONDS, Math.ceil((until - now) / 1000));
