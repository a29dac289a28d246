/** What a set is made of, and what comes out. */
import type { TemplateOf } from '../concepts.ts';
import type { Preset, PresetId } from '../generated/types.ts';
import type { Language } from '../messages/index.ts';
import type { Fetch } from '../wire/http.ts';

export type TemplateId = TemplateOf<PresetId>;

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Where a picture goes to. */
export interface Channel extends PictureSize {
  /** Whether the picture may be less high, where its photos leave room. */
  readonly lower?: boolean | undefined;
}

/** What was done to an album in one job: its rule as it was given to `jobs.run`, or as `presets` and `rules` have it. */
export interface Look {
  readonly concepts: {
    readonly [concept: string]: { readonly action: string; readonly value?: string | undefined } | undefined;
  };
  /** The preset's own protects when left out. */
  readonly protect?: readonly string[] | undefined;
}

/** A URL to fetch, the bytes, or what gives one of these when its turn comes, such as `() => fresh(url)`. */
export type PictureSource = string | Blob | (() => string | Blob | Promise<string | Blob>);

export interface SetPhoto {
  /** The album's own name for it: the pictures of the set are called by it. */
  readonly name: string;
  /** The photo as it was uploaded; null where it is kept no more. */
  readonly before: PictureSource | null;
  /** Its result in each look, in their order; null where it failed. */
  readonly after: readonly (PictureSource | null)[];
}

/** A photo that is in no picture of the set. */
export interface LeftOutPhoto {
  /** Position in `photos`, from 0. */
  index: number;
  name: string;
  /** `failed`: no result; `no-original`: the original has to stand beside it, and is not kept; `unreadable`: `error` has the reason. */
  reason: 'failed' | 'no-original' | 'unreadable';
  error?: unknown;
}

/** What is to be in a set, without how it is drawn. */
export interface SetPlanOptions {
  readonly template: TemplateId;
  /** As `presets.get` and `presets.list` give it: names of concepts and colours come from there. */
  readonly preset: Preset;
  /** One for each job over these photos, three at most. All but the three-variant pack and the option board show the first. */
  readonly looks: readonly Look[];
  /** In the order of the album. */
  readonly photos: readonly SetPhoto[];
  readonly language: Language;
  /** Name of a channel, or a size in pixels; the template's own when left out. */
  readonly channel?: ChannelId | Channel | undefined;
  /** Words of what was changed and the untouched original, in each picture; the template's own when left out. */
  readonly disclose?: boolean | undefined;
  /** `jpeg` when left out. */
  readonly format?: 'jpeg' | 'png' | undefined;
}

export interface SetOptions extends SetPlanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of each photo that is left out, once. Without it a photo that cannot be read ends the set. */
  readonly onLeftOut?: ((photo: LeftOutPhoto) => void) | undefined;
  /** `OffscreenCanvas` when left out. */
  readonly canvas?: ((width: number, height: number) => SetCanvas) | undefined;
  /** `createImageBitmap`, made smaller to what is needed, when left out. */
  readonly decode?: ((data: Blob, longest: number) => Promise<DecodedPicture>) | undefined;
  readonly fetch?: Fetch | undefined;
  /** CSS `font-family`; what the system has, Korean included, when left out. */
  readonly fontFamily?: string | undefined;
}

/** What `drawImage` takes of the canvas that is used, upright. */
export interface DecodedPicture extends PictureSize {
  close?(): void;
}

/** What an `OffscreenCanvas` is, and a canvas of Node. */
export interface SetCanvas {
  getContext(kind: '2d'): Canvas2D | null;
  convertToBlob(options: { type: string; quality: number }): Promise<Blob>;
}

/** What is used of a 2D context. */
export interface Canvas2D {
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  font: string;
  imageSmoothingQuality: unknown;
  measureText(text: string): { width: number };
  fillText(text: string, x: number, y: number): void;
  drawImage(
    image: unknown,
    sx: number,
    sy: number,
    sw: number,
    sh: number,
    x: number,
    y: number,
    w: number,
    h: number,
  ): void;
  beginPath(): void;
  roundRect(x: number, y: number, width: number, height: number, radius: number): void;
  fill(): void;
  stroke(): void;
  clip(): void;
  save(): void;
  restore(): void;
}

/** As zip libraries take it: `downloadZip(renderSet(…))` of client-zip. */
export interface SetPicture extends PictureSize {
  /** Safe for every file system, none like another. */
  name: string;
  input: Blob;
  /** Positions in `photos` of those that it shows. */
  photos: number[];
}

/** One picture of a set before it is drawn. */
export interface PlannedPicture {
  name: string;
  photos: number[];
}

export interface SetPlan {
  template: TemplateId;
  disclose: boolean;
  pictures: PlannedPicture[];
  leftOut: LeftOutPhoto[];
}

export type ChannelId = 'original' | 'web' | 'square' | 'portrait' | 'story' | 'print';
