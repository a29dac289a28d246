/**
 * Everything that the API takes and gives, as plain types.
 *
 * Made from the server's contract and router by `npm run generate -w client-sdk`: what is changed here is lost.
 */
export interface AnonInput {
  /** At most 128 characters. */
  deviceHash?: string | undefined;
  /** Cloudflare Turnstile's, where the server asks for it. */
  turnstileToken?: string | undefined;
  /**
   * At least 32 characters: the same key gives the same user for a day, so a lost answer costs nobody their credits. Keep it as secret
   * as a token. Left out, the client keeps one.
   */
  idempotencyKey?: string | undefined;
}

/** One change: `recolor` takes `#RRGGBB` or the name of a palette colour. */
export type ConceptAction =
  | { action: 'recolor'; value: string }
  | { action: 'tone'; value: Tone }
  | { action: 'texture'; value: Texture }
  | { action: 'remove' };

/** What to change, by names that the server checks. */
export type ConceptMap = Record<string, ConceptAction>;

/** New photos, or those of an earlier job: all, or those at `indexes`. */
export type CreateInput =
  | {
      preset: PresetId;
      photos: Photo[];
      /** The same key returns the same job. */
      idempotencyKey?: string | undefined;
    }
  | {
      from: {
        /** What names no job of the user's is JOB_NOT_FOUND. */
        jobId: string;
        /** Positions of photos, from 0. */
        indexes?: number[] | undefined;
      };
      idempotencyKey?: string | undefined;
    };

export interface CreatedJob {
  jobId: string;
  status: JobStatus;
  uploads: Upload[];
  /** When it is canceled without its photos; null once it has ended. */
  deadline: Date | null;
}

/** Always `balance + held + spent = granted`. */
export interface Credits {
  /** What can be spent now. */
  balance: number;
  /** For jobs that have not ended. */
  held: number;
  spent: number;
  granted: number;
}

/** What becomes of a user who is being deleted. Asking again gives the same answer. */
export interface DeletedUser {
  userId: string;
  /** When the last URL ends under which something can still be written, and all that is left goes. */
  goneBy: Date;
  /** Whether everything is gone. */
  done: boolean;
}

export interface Downloads {
  /** In the order in which they were asked for; null for what is not there, or not kept any more. */
  urls: (string | null)[];
  /** When these URLs end. */
  expiresAt: Date;
}

export interface DownloadsInput {
  /** What names no job of the user's is JOB_NOT_FOUND. */
  jobId: string;
  /** 1 to 200. */
  files: {
    idx: number;
    /** The result when left out. */
    kind?: FileKind | undefined;
    /** What a browser saves it as, up to 255 characters. Left out, it is shown. */
    name?: string | undefined;
  }[];
}

export interface Estimate {
  credits: number;
  balance: number;
  /** Whether `jobs.create` with that many photos would be taken now; else `reason` is the code that it would throw. */
  allowed: boolean;
  /** Left out where it is allowed, and where as many jobs were created today as the plan has. */
  reason?: 'ITEM_LIMIT' | 'CREDITS_EXHAUSTED' | 'CONCURRENCY_LIMIT' | undefined;
}

export interface EstimateInput {
  preset: PresetId;
  /** 1 to 200. */
  photos: number;
}

export interface ExportPage {
  /** The account, on the first page alone; its `createdAt` is null when nothing was done with it yet. */
  user: { userId: string; plan: PlanId; credits: Credits; createdAt: Date | null; deviceHash: string | null } | null;
  rules: Rule[];
  /** Newest first. */
  jobs: ExportedJob[];
  /** Newest first. */
  receipts: Receipt[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface ExportedJob {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  createdAt: Date;
  /** Null while it lives. */
  finishedAt: Date | null;
  /** What was asked for; null when it was never executed. */
  concepts: ConceptMap | null;
  protect: string[] | null;
  outputTemplate: string | null;
  /** What the results are encoded as; absent when it was never executed. */
  format?: ResultFormat | undefined;
  /** True where masks were asked for; else absent. */
  masks?: boolean | undefined;
  ruleId: string | null;
  /** Credits; null until it is settled. */
  charged: number | null;
  error: string | null;
  photos: ExportedPhoto[];
}

export interface ExportedPhoto {
  idx: number;
  status: ItemStatus;
  error?: string | undefined;
  /** What is still kept, to GET within the hour: the photo as it was uploaded, its result, and the result's preview. */
  inputUrl?: string | undefined;
  resultUrl?: string | undefined;
  previewUrl?: string | undefined;
}

/** What can be fetched of a photo: its result, the preview of that, or the photo as it was uploaded. */
export type FileKind = 'result' | 'preview' | 'original';

export type ItemStatus = 'pending' | 'done' | 'failed' | 'canceled';

export interface Job {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  /** What the results are encoded as; absent until the job is executed. */
  format?: ResultFormat | undefined;
  items: JobItem[];
  createdAt: Date;
  /** When the present state ends by itself; null once the job has ended. */
  deadline: Date | null;
  /** Until when results can be fetched; null while the job lives. */
  keptUntil: Date | null;
  /** Why the job failed or was canceled. */
  error: string | null;
  /** Credits charged for it; null until it is settled. */
  charged: number | null;
  /** Milliseconds until its last photo can be expected, from the pace of its own; null while there is none. */
  etaMs?: number | null | undefined;
  /** Whether the GPU provider does not take its photos now: it is asked again until the deadline. */
  waiting?: boolean | undefined;
  /** Admits to the job's live progress for a minute. */
  ticket: string;
}

export interface JobItem {
  /** From 0, in the order of the photos. */
  idx: number;
  status: ItemStatus;
  /** In the job's `format`. GET it within the hour; `jobs.get` gives a fresh one. */
  resultUrl?: string | undefined;
  /** A small JPEG. */
  previewUrl?: string | undefined;
  /** Why it failed, in plain words. */
  error?: string | undefined;
}

export interface JobPage {
  /** Newest first. */
  jobs: JobSummary[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export type JobStatus = 'created' | 'uploaded' | 'queued' | 'running' | 'done' | 'failed' | 'canceled';

export interface JobSummary {
  jobId: string;
  status: JobStatus;
  preset: PresetId;
  progress: Progress;
  createdAt: Date;
  /** Null while it lives. */
  finishedAt: Date | null;
  /** A preview of the first photo that has one, while results are kept. A small JPEG. */
  previewUrl?: string | undefined;
}

export interface LedgerPage {
  /** Newest first. */
  receipts: Receipt[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface LocalizedName {
  en: string;
  ko: string;
}

export interface Me {
  userId: string;
  plan: PlanId;
  credits: Credits;
  activeJobs: number;
  ruleSlots: { used: number; max: number };
  /** The plan's. */
  limits: {
    activeJobs: number;
    photosPerJob: number;
    ruleSlots: number;
    /** Of one photo. */
    photoBytes: number;
  };
}

/** Which page of a list, and how long it is. */
export interface PageInput {
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Entries on the page, 1 to 100; 20 when left out. */
  limit?: number | undefined;
}

export interface Photo {
  contentType: PhotoType;
  /** Exact; at most 25,000,000. */
  bytes: number;
}

export type PhotoType = 'image/jpeg' | 'image/png' | 'image/webp';

export type PlanId = 'free' | 'pro';

/** What can be changed and protected in one kind of photo, with names to show. */
export interface Preset {
  id: PresetId;
  name: LocalizedName;
  concepts: { id: string; name: LocalizedName }[];
  /** What can only be protected. */
  protectOnly: { id: string; name: LocalizedName }[];
  protectByDefault: string[];
  palette: { id: string; hex: string; name: LocalizedName }[];
  /** `images` is how many come out. */
  outputTemplates: { id: string; name: LocalizedName; images: number; layout: string }[];
}

export type PresetId = 'interior' | 'seller';

/** Photos by what became of them; the rest of `total` is open. */
export interface Progress {
  done: number;
  failed: number;
  total: number;
}

export interface Receipt {
  id: string;
  type: 'grant' | 'charge';
  /** Positive for a grant, negative for a charge. */
  amount: number;
  /** The job that was charged, or the reason of the grant. */
  ref: string | null;
  createdAt: Date;
}

/** What results are encoded as; the first is what they are when nobody says. */
export type ResultFormat = 'png' | 'jpeg' | 'webp';

export interface Rule {
  id: string;
  name: string;
  presetId: PresetId;
  concepts: ConceptMap;
  protect: string[];
  createdAt: Date;
  updatedAt: Date;
}

/** What is left out stays. */
export interface RuleUpdateInput {
  id: string;
  name?: string | undefined;
  concepts?: ConceptMap | undefined;
  protect?: string[] | undefined;
}

export interface Session {
  userId: string;
  /** Bearer token for every other call, as secret as a password. */
  token: string;
  expiresAt: Date;
}

export type Texture = 'wood' | 'marble' | 'concrete' | 'linen';

export type Tone = 'warm' | 'cool' | 'brighter' | 'darker';

export interface Upload {
  idx: number;
  /** PUT the photo's bytes here, with exactly `headers`. 412: it lies there already; 403: the URL has expired. */
  url: string;
  headers: Record<string, string>;
  expiresAt: Date;
}

export type WatchEvent =
  | {
      type: 'progress';
      status: JobStatus;
      done: number;
      failed: number;
      total: number;
      /** As in `jobs.get`. */
      etaMs?: number | null | undefined;
      waiting?: boolean | undefined;
    }
  | {
      type: 'item';
      idx: number;
      status: 'done' | 'failed';
      resultUrl?: string | undefined;
      previewUrl?: string | undefined;
      /** Why it failed, in plain words. */
      error?: string | undefined;
    }
  | {
      type: 'done' | 'failed' | 'canceled';
      done: number;
      failed: number;
      total: number;
      charged: number;
      refunded: number;
      /** Until when results can be fetched. */
      keptUntil: Date;
      /** Why the job failed or was canceled. */
      error: string | null;
    };
