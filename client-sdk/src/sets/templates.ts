/** Output templates and channels as data. What a template looks like is in layout/. */
import type { Channel, ChannelId, TemplateId } from './types.ts';

export interface SetTemplate {
  /** Looks that it shows at most. */
  readonly looks: number;
  /** Photos on a picture at most. */
  readonly photos: number;
  /** Pictures at least: photos come again, closer each time. */
  readonly least: number;
  /** Whether the original is shown without disclosure as well. */
  readonly original: boolean;
  /** Unless `disclose` says otherwise. */
  readonly disclose: boolean;
  /** Unless `channel` says otherwise. */
  readonly channel: ChannelId;
}

const interior = { photos: 1, least: 0, disclose: true, channel: 'web' } as const;
const seller = { looks: 1, least: 0, original: false, disclose: false, channel: 'square' } as const;

/** The output templates of the presets. */
export const TEMPLATES: Readonly<Record<TemplateId, SetTemplate>> = {
  'three-variant-pack': { ...interior, looks: 3, original: false },
  'before-after': { ...interior, looks: 1, original: true },
  'client-card': { ...interior, looks: 1, original: true },
  'product-pack': { ...seller, photos: 5 },
  'option-board': { ...seller, photos: 1, looks: 3, original: true },
  'eight-thumbnails': { ...seller, photos: 1, least: 8 },
};

/** Pixels a side, at least: less is no room for words. */
export const LEAST = 200;
/** Longest side of pictures that are as large as their photos: what every browser has a canvas for. */
export const LONGEST = 4096;

/** How much longer one side may be than the other. */
export const LONGER = 3;

/** Sizes by name; `original` is as large as the photos are. */
export const CHANNELS: Readonly<Record<ChannelId, Channel | null>> = {
  original: null,
  /** As high as its photos need. */
  web: { width: 1600, height: 2000, lower: true },
  /** Main pictures of marketplaces. */
  square: { width: 1000, height: 1000 },
  /** Feeds of social networks, 4:5. */
  portrait: { width: 1080, height: 1350 },
  /** Stories and reels, 9:16. */
  story: { width: 1080, height: 1920 },
  /** A4 across, at 300 dpi. */
  print: { width: 3508, height: 2480 },
};
