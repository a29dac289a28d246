/** What can't be done as the job stands, or as little as is known of it here. */
import { local, type S3Error } from '../errors.ts';

export const notNow = (action: string, { status }: { status: string | null }, why: string): S3Error =>
  local('INVALID_TRANSITION', `${action}: ${why}`, { status: status ?? 'created', action });

/** Nobody said to this client what is to be done with the photos. */
export const notKnown = (action: string, state: { status: string | null }): S3Error =>
  notNow(action, state, 'this client does not know what the job does; say it with `change`');
