/** The page under test: an app of its own origin that uses the built client as a frontend does. Bundled by browser.ts. */
import {
  createClient,
  type InvalidFile,
  isS3Error,
  type JobHandle,
  type JobState,
  webStorage,
} from '../../../../client-sdk/dist/index.js';

/** What a test sees of the page and does to it. */
export type App = {
  /** Starts a job with the files that are picked, or were dropped on the page. */
  start(onInvalid?: 'throw' | 'skip'): void;
  /** Files that were dropped on the page. */
  dropped(): number;
  /** Takes up the job that this browser began before. */
  attach(): void;
  /** Goes on with the files that are picked now. */
  pickAgain(): void;
  state(): Pick<JobState, 'jobId' | 'status' | 'connection' | 'missing' | 'uploaded' | 'phase'> | null;
  /** Files that were left out, as they were told of, and positions of the photos among the files. */
  files(): { refused: InvalidFile[]; photos: (number | null)[] };
  /** Indexes of the photos whose end was told, in the order of the telling, since the page was loaded. */
  told(): number[];
  /** How the job ended, or what made it impossible to go on. */
  ended(): Promise<
    { status: string; charged: number | null; items: string[] } | { error: string; files?: InvalidFile[] }
  >;
  me(): Promise<{ userId: string; spent: number; held: number }>;
};

declare global {
  var app: App;
}

/** Where the page keeps the job it is about, as an app would in its address. */
const JOB = 'app:job';
const client = createClient({
  baseUrl: new URLSearchParams(location.search).get('api') ?? '',
  storage: webStorage(localStorage),
});
const told: number[] = [];
const refused: InvalidFile[] = [];
let dropped: File[] = [];
let job: JobHandle | null = null;

const picked = (): ArrayLike<File> => {
  if (dropped.length > 0) return dropped;
  const { files } = document.querySelector('input') ?? {};
  if (!files) throw new Error('the page has no file input');
  return files;
};

async function follow(handle: JobHandle): Promise<void> {
  job = handle;
  handle.subscribe(() => {
    if (handle.id !== null) localStorage.setItem(JOB, handle.id);
  });
  for await (const event of handle) {
    if (event.type === 'item') told.push(event.item.idx);
    else if (event.type === 'refused') refused.push(event.file);
  }
}

document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  dropped = Array.from(event.dataTransfer?.files ?? []);
});

globalThis.app = {
  start(onInvalid) {
    const concepts = { Body: { action: 'recolor', value: 'red' } } as const;
    follow(client.jobs.start({ preset: 'seller', files: picked(), concepts, onInvalid })).catch(() => {});
  },
  dropped: () => dropped.length,
  files: () => ({ refused, photos: job?.state.items.map(({ fileIndex }) => fileIndex) ?? [] }),
  attach() {
    follow(client.jobs.attach(localStorage.getItem(JOB) ?? '')).catch(() => {});
  },
  pickAgain: () => job?.resume(picked()),
  state() {
    if (job === null) return null;
    const { jobId, status, connection, missing, uploaded, phase } = job.state;
    return { jobId, status, connection, missing, uploaded, phase };
  },
  told: () => told,
  async ended() {
    try {
      const result = await job?.result();
      if (result === undefined) return { error: 'the page has no job' };
      const { status, charged, items } = result;
      return { status, charged, items: items.map((item) => item.status) };
    } catch (error) {
      return { error: String(error), files: isS3Error(error, 'INVALID_FILE') ? error.data.files : [] };
    }
  },
  async me() {
    const { userId, credits } = await client.user.me();
    return { userId, spent: credits.spent, held: credits.held };
  },
};
