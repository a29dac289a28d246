/** The API's methods, each a call of its procedure. */
import type { ConceptMap } from '../concepts.ts';
import type { Runs } from '../job/types.ts';
import type { Procedures } from '../procedures.ts';
import type { SessionKeeper } from '../session.ts';
import type { Call } from '../transport.ts';
import type { AuthApi } from './auth.ts';
import type { JobsApi } from './jobs-api.ts';
import { paged } from './pages.ts';
import type { PresetsApi } from './presets.ts';
import type { RulesApi } from './rules.ts';
import type { UserApi } from './user.ts';

export function authApi(call: Call, keeper: SessionKeeper): AuthApi {
  return {
    anon: (input, options) => keeper.establish(input, options?.signal),
    renew: (options) => keeper.renewNow(options?.signal),
    revoke: async (options) => keeper.adopt(await call('auth.revoke', undefined, options)),
    forget: () => keeper.forget(),
  };
}

export function presetsApi(call: Call): PresetsApi {
  return {
    list: (options) => call('presets.list', undefined, options),
    get: (input, options) => call('presets.get', input, options),
  };
}

export function rulesApi(call: Call): RulesApi {
  return {
    create: ({ concepts, protect, ...rest }, options) =>
      call('rules.create', { ...rest, concepts: concepts as ConceptMap, protect: protect && [...protect] }, options),
    get: (input, options) => call('rules.get', input, options),
    list: (options) => call('rules.list', undefined, options),
    update: (input, options) => call('rules.update', input, options),
    delete: (input, options) => call('rules.delete', input, options),
  };
}

export function jobsApi(call: Call, runs: Runs): JobsApi {
  return {
    ...runs,
    estimate: (input, options) => call('jobs.estimate', input, options),
    create: (input, options) => call('jobs.create', input, options),
    downloads: (input, options) => call('jobs.downloads', input, options),
    renewUploads: (input, options) => call('jobs.renewUploads', input, options),
    confirmUpload: (input, options) => call('jobs.confirmUpload', input, options),
    execute: (input, options) => call('jobs.execute', input as Procedures['jobs.execute']['input'], options),
    get: (input, options) => call('jobs.get', input, options),
    list: (input, options) =>
      paged(
        (page, rest) => call('jobs.list', page, rest),
        ({ jobs }) => jobs,
        input,
        options,
      ),
    delete: (input, options) => call('jobs.delete', input, options),
    cancel: (input, options) => call('jobs.cancel', input, options),
  };
}

export function userApi(call: Call, keeper: Pick<SessionKeeper, 'forget'>): UserApi {
  return {
    me: (options) => call('user.me', undefined, options),
    ledger: (input, options) =>
      paged(
        (page, rest) => call('user.ledger', page, rest),
        ({ receipts }) => receipts,
        input,
        options,
      ),
    export: (input, options) =>
      paged(
        (page, rest) => call('user.export', page, rest),
        (page) => [page],
        input,
        options,
      ),
    delete: async (options) => {
      const deleted = await call('user.delete', undefined, options);
      await keeper.forget();
      return deleted;
    },
  };
}
