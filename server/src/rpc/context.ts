/** What a procedure gets with each request. Alone in this file: the client package leaves it out of its types. */

import type { Env } from '../bindings.ts';
import type { ListedJob } from '../domain/job/listed.ts';
import type { Settings } from '../settings/settings.ts';

export type Context = {
  env: Env;
  settings: Settings;
  requestId: string;
  /** Bearer token of the request, unchecked. */
  bearer: string | null;
  /** Address of the client as Cloudflare saw it. */
  address: string | null;
  /** Live jobs that a list of this request has asked for, by id: a batch of lists asks each once. */
  liveJobs: Map<string, Promise<ListedJob | null>>;
  /** Origin of the request; callback URLs are made from it in development only, so it is found when it is asked for. */
  origin(): string;
};
