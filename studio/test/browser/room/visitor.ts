/** Somebody at the studio: a browser profile of its own, and all that went wrong on its pages. */
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface Account {
  userId: string;
  token: string;
}

export interface Wishes {
  language?: 'en' | 'ko';
  /** Pixels of the window. */
  width?: number;
  height?: number;
  dark?: boolean;
  reducedMotion?: boolean;
  touch?: boolean;
  /** An account of the pro plan with so many credits more; left out: whoever the page makes of its visitor, of the free plan. */
  credits?: number;
  /** What the console may say, such as of a server that a test has taken away. */
  allowed?: RegExp;
}

export interface Visitor {
  page: Page;
  context: BrowserContext;
  account: Account | null;
  /** What the console and the pages complained of, and requests to hosts that are neither the studio's nor its storage's. */
  problems: string[];
  /** Another tab of the same browser. */
  tab(): Promise<Page>;
  close(): Promise<void>;
}

/** Milliseconds that something on a page may take on a busy machine. */
const PATIENCE = 20_000;

export async function enter(
  browser: Browser,
  { origin, storage }: { origin: string; storage: string },
  account: Account | null,
  { language = 'en', width = 1440, height = 900, dark = false, reducedMotion = false, touch = false, allowed }: Wishes,
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: language === 'ko' ? 'ko-KR' : 'en-GB',
    timezoneId: 'Asia/Seoul',
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    hasTouch: touch,
    acceptDownloads: true,
  });
  if (account !== null) await signIn(context, origin, account);
  context.setDefaultTimeout(PATIENCE);
  const problems: string[] = [];
  context.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url());
    const isOwn = ['blob:', 'data:'].includes(protocol) || [origin, storage, origin.replace('http', 'ws')].includes(to);
    if (!isOwn) problems.push(`a request to ${request.url()}`);
  });
  context.on('weberror', (error) => void problems.push(`the page threw: ${error.error().message}`));
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || allowed?.test(message.text())) return;
    problems.push(`the console says: ${message.text()} (${message.location().url})`);
  });
  const tab = async () => {
    const page = await context.newPage();
    await page.goto('/', { waitUntil: 'load' });
    return page;
  };
  // A headless browser shows no dialog to answer: sets are saved as downloads, unless a test brings a place of its own.
  await context.addInitScript(() => Object.assign(globalThis, { showSaveFilePicker: undefined }));
  return { page: await tab(), context, account, problems, tab, close: () => context.close() };
}

/** As the client itself would have kept the session; what it has kept since stays. */
async function signIn(context: BrowserContext, origin: string, { userId, token }: Account): Promise<void> {
  const session = { userId, token, expiresAt: new Date(Date.now() + 30 * 24 * 3600_000).toISOString() };
  await context.addInitScript(
    ([key, text]) => {
      if (location.protocol !== 'about:' && localStorage.getItem(key) === null) localStorage.setItem(key, text);
    },
    [`s3-workers:${origin}`, JSON.stringify({ session })] as const,
  );
}
