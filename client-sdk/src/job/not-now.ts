/** What can't be done as the job stands, or as little as is known of it here. */
import { S3Error } from '../errors.ts';

export const notNow = (action: string, { status }: { status: string | null }, why: string): S3Error =>
  new S3Error({
    code: 'INVALID_TRANSITION',
    message: `${action}: ${why}`,
    data: { status: status ?? 'created', action },
    attempts: 0,
  });

/** Nobody said to this client what is to be done with the photos. */
export const notKnown = (action: string, state: { status: string | null }): S3Error =>
  notNow(action, state, 'this client does not know what the job does; say it with `change`');
