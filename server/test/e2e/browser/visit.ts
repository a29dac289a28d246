/** One visitor: a browser profile of its own, a page on the app's origin, and all that its watching was told on the wire. */
import type { Browser, BrowserContext, Page, WebSocket } from 'playwright-core';

export type Visit = {
  page: Page;
  context: BrowserContext;
  /**
   * Ids of the watched events that came since the page was loaded, over all its sockets, in their order: of each photo and of the end.
   * Progress is no event of its own but how the job stands, which every connection is told first.
   */
  ids(): string[];
  /** Sockets that were opened since the page was loaded. */
  sockets(): number;
  /** Picks these photos in the page's file input. */
  pick(photos: string[]): Promise<void>;
  /** Loads the page anew, as a closed tab that comes back does. */
  reload(): Promise<void>;
  close(): Promise<void>;
};

/**
 * @param skew milliseconds that the machine's clock is off: less than 0 makes it late
 * @param where the page of the site
 */
export async function visit(browser: Browser, origin: string, api: string, skew = 0, where = '/'): Promise<Visit> {
  const context = await browser.newContext();
  await context.addInitScript((off) => {
    const { now } = Date;
    Date.now = () => now() + off;
  }, skew);
  const page = await context.newPage();
  let ids: string[] = [];
  let sockets = 0;
  const loaded = () => page.waitForFunction(() => 'app' in globalThis);
  page.on('websocket', (socket: WebSocket) => {
    sockets += 1;
    socket.on('framereceived', ({ payload }) => ids.push(...idsIn(String(payload))));
  });
  await page.goto(`${origin}${where}?api=${encodeURIComponent(api)}`);
  await loaded();
  return {
    page,
    context,
    ids: () => ids,
    sockets: () => sockets,
    pick: (photos) => page.locator('input').setInputFiles(photos),
    async reload() {
      await page.goto('about:blank');
      ids = [];
      sockets = 0;
      await page.goto(`${origin}${where}?api=${encodeURIComponent(api)}`);
      await loaded();
    },
    close: () => context.close(),
  };
}

type Frame = { result?: { type: 'data'; id: string } | { type: 'started' | 'stopped' } };

/** The event ids in a frame of tRPC's: one message, or several in an array. */
function idsIn(payload: string): string[] {
  if (!/^[[{]/.test(payload)) return [];
  const parsed: Frame | Frame[] = JSON.parse(payload);
  const frames = Array.isArray(parsed) ? parsed : [parsed];
  return frames.flatMap(({ result }) => (result?.type === 'data' && /\.|^end$/.test(result.id) ? [result.id] : []));
}
