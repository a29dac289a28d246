/** The test server's storage: objects in memory behind signed URLs that refuse what the real ones refuse. */
import type { Photo, Upload } from '../../../server/src/contract/jobs.ts';
import type { ServerClock } from './clock.ts';
import type { TestSettings } from './settings.ts';

interface StoredObject {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}
/** What a signature allows. */
interface Grant {
  method: 'GET' | 'PUT';
  key: string;
  /** Milliseconds since the Unix epoch. */
  until: number;
  /** The photo that a PUT is for. */
  photo: Photo | null;
  /** What a browser saves a GET as. */
  savedAs: string | null;
}

/** Path below which objects are reached. */
export const STORAGE_PATH = '/storage/';

export class TestStorage {
  readonly #objects = new Map<string, StoredObject>();
  readonly #grants = new Map<string, Grant>();
  readonly #downloads = new Map<string, string>();
  readonly #baseUrl: string;
  readonly #clock: ServerClock;
  readonly #settings: TestSettings;

  constructor(baseUrl: string, clock: ServerClock, settings: TestSettings) {
    this.#baseUrl = baseUrl;
    this.#clock = clock;
    this.#settings = settings;
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer>, type: string): void {
    this.#objects.set(key, { bytes, type });
  }

  /** As the server's own code lists it: all at once. */
  async list({ prefix }: { prefix: string }) {
    const under = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    const objects = under.map(([key, { bytes, type }]) => ({
      key,
      size: bytes.byteLength,
      httpMetadata: { contentType: type },
    }));
    return { objects, truncated: false };
  }

  async get(key: string): Promise<Response | null> {
    const object = this.#objects.get(key);
    return object === undefined ? null : new Response(object.bytes, { headers: { 'content-type': object.type } });
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(key);
  }

  signUpload(idx: number, key: string, photo: Photo): Upload {
    const until = Math.floor(this.#clock.now() / 1000) * 1000 + this.#settings.uploadUrlMs;
    const headers = {
      'content-type': photo.contentType,
      'content-length': String(photo.bytes),
      'if-none-match': '*',
    };
    return {
      idx,
      url: this.#sign({ method: 'PUT', key, until, photo, savedAs: null }),
      headers,
      expiresAt: new Date(until),
    };
  }

  /** The same URL within each rounding, so that caches hold. */
  signDownload(key: string, savedAs: string | null = null): string {
    const until = this.downloadsUntil().getTime();
    const name = `${key} ${until} ${savedAs}`;
    const known = this.#downloads.get(name);
    if (known !== undefined) return known;
    const url = this.#sign({ method: 'GET', key, until, photo: null, savedAs });
    this.#downloads.set(name, url);
    return url;
  }

  /** When URLs that are given out now end. */
  downloadsUntil(): Date {
    const { downloadRoundingMs, downloadUrlMs } = this.#settings;
    return new Date(Math.floor(this.#clock.now() / downloadRoundingMs) * downloadRoundingMs + downloadUrlMs);
  }

  /** Answers a request below {@link STORAGE_PATH}. */
  async answer(request: Request, url: URL): Promise<Response> {
    const grant = this.#grants.get(url.searchParams.get('signature') ?? '');
    const key = url.pathname.slice(STORAGE_PATH.length);
    if (grant === undefined || grant.key !== key || grant.method !== request.method) return refused(403);
    if (this.#clock.now() > grant.until) return refused(403);
    if (grant.photo !== null) return this.#take(key, grant.photo, request);
    const found = await this.get(key);
    if (found === null) return refused(404);
    if (grant.savedAs !== null) {
      const name = encodeURIComponent(grant.savedAs);
      found.headers.set('content-disposition', `attachment; filename*=UTF-8''${name}`);
    }
    return found;
  }

  async #take(key: string, photo: Photo, request: Request): Promise<Response> {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const type = request.headers.get('content-type');
    const signed = request.headers.get('if-none-match') === '*' && type === photo.contentType;
    if (!signed || bytes.byteLength !== photo.bytes) return refused(403);
    if (this.#objects.has(key)) return refused(412);
    this.put(key, bytes, photo.contentType);
    return new Response(null, { status: 200 });
  }

  #sign(grant: Grant): string {
    const signature = `test-${this.#grants.size + 1}`;
    this.#grants.set(signature, grant);
    return `${this.#baseUrl}${STORAGE_PATH}${grant.key}?signature=${signature}`;
  }
}

const refused = (status: 403 | 404 | 412): Response =>
  new Response(`<Error><Code>${status}</Code></Error>`, { status, headers: { 'content-type': 'application/xml' } });
