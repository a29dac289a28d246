/** What a GPU worker is sent. snake_case because workers in other languages read it. */
import type { PresetId, Texture, Tone } from '../generated/types.ts';

/** One photo, by its keys in the bucket: for workers that have storage credentials. */
export interface GpuItem {
  /** Index of the photo in its job, from 0. */
  idx: number;
  input_key: string;
  output_key: string;
  preview_key: string;
}

/** A change to one concept. A colour is `#RRGGBB`. */
export type GpuAction =
  | { action: 'recolor'; value: string }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** A job's photos that are still to be done. */
export interface GpuMessage {
  job_id: string;
  user_id: string;
  /** Counts dispatches, from 1. A result that carries an older one may settle a photo, and renews no lease. */
  attempt: number;
  preset: PresetId;
  /** Concept → what to do with it. */
  concepts: Record<string, GpuAction>;
  /** Concepts that stay untouched. */
  protect: string[];
  /** What every result is stored as, whatever its key ends in; servers of an earlier release sign for `image/png` and name none. */
  output_type: 'image/png' | 'image/jpeg' | 'image/webp';
  /**
   * Whether masks are wanted, for workers with storage credentials; servers of an earlier release do not say, and want them. The others go
   * by the URLs that they are given.
   */
  masks?: boolean | undefined;
  items: GpuItem[];
  callback_url: string;
  /** Prefix of the idempotency keys that the worker gives its results. */
  idempotency_prefix: string;
  /** Photos to work on at once. */
  batch_concurrency: number;
}

/** One photo with its signed URLs, good until the attempt's deadline. */
export interface DispatchItem extends GpuItem {
  /** GET the photo here. */
  input_url: string;
  /** PUT the result here, with the message's `output_type` as its content type. */
  output_url: string;
  /** PUT a small preview here, with content type `image/jpeg`. */
  preview_url: string;
  /** By concept, targets and protects: PUT the mask here, with content type `image/png`. Empty where no masks are wanted. */
  mask_urls: Record<string, string>;
  /** PUT what was found here, with content type `application/json`. Absent where no masks are wanted. */
  instances_url?: string | undefined;
}

/** What a GPU worker gets at dispatch. */
export interface DispatchMessage extends Omit<GpuMessage, 'items'> {
  items: DispatchItem[];
  /** Bearer token for the callback, good until the job ends. */
  callback_token: string;
  /** The same as a Standard Webhooks secret (`whsec_` and base64), for stock libraries; servers of an earlier release name none. */
  callback_secret?: string | undefined;
}
