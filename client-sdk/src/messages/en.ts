/** Error texts in English. */
import { words } from '../upload/inspect/words.ts';
import type { FileText, Texts } from './texts.ts';

const photos = (count: number): string => (count === 1 ? '1 photo' : `${count} photos`);
const credits = (count: number): string => (count === 1 ? '1 credit' : `${count} credits`);
const seconds = (count: number): string => (count === 1 ? '1 second' : `${count} seconds`);

export const englishFile: FileText = ({ name, reason }) =>
  `“${name}” ${reason === 'another' ? 'is none of the photos of this job' : words[reason]}.`;

export const en: Texts = {
  VALIDATION_ERROR: ({ field }) =>
    field === '' ? 'The request was not understood.' : `The server did not accept “${field}”.`,
  ITEM_LIMIT: ({ limit, actual }) => `Your plan takes ${photos(limit)} a job. You chose ${actual}.`,
  AUTH_REQUIRED: () => 'Sign in first.',
  TOKEN_EXPIRED: () => 'Your session has ended. Sign in again.',
  TOKEN_INVALID: () => 'Your session has ended. Sign in again.',
  CREDITS_EXHAUSTED: ({ needed, balance }) => `This needs ${credits(needed)}, and you have ${balance}.`,
  RULE_SLOT_FULL: ({ limit }) => `Your plan keeps ${limit} rules. Delete one to save another.`,
  JOB_NOT_FOUND: () => 'There is no such job. It may have been deleted.',
  RULE_NOT_FOUND: () => 'There is no such rule. It may have been deleted.',
  PRESET_NOT_FOUND: () => 'There is no such preset.',
  NOT_FOUND: () => 'That does not exist.',
  INVALID_TRANSITION: ({ status }) => `This is not possible now: the job is ${status}.`,
  ALREADY_CANCELED: () => 'The job was canceled before.',
  UPLOAD_INCOMPLETE: ({ missing, wrong }) =>
    `${photos(missing.length + wrong.length)} did not arrive whole. Upload again what is missing.`,
  IDEMPOTENCY_CONFLICT: () => 'This was sent before with other content. Start it anew.',
  PAYLOAD_TOO_LARGE: ({ limit }) => `That is too much at once: at most ${limit}.`,
  CONCURRENCY_LIMIT: ({ limit }) =>
    `Your plan runs ${limit === 1 ? 'one job' : `${limit} jobs`} at a time. Wait for one to end, or discard one.`,
  RATE_LIMITED: ({ retryAfterSeconds, until }, at) =>
    until === undefined
      ? `That was too often. Try again in ${seconds(retryAfterSeconds)}.`
      : `You have reached a limit of your plan. It goes on at ${at(until)}.`,
  CEILING_REACHED: ({ until }, at) =>
    `No more photos are taken today. Your job and its photos are kept; go on with it after ${at(until)}.`,
  ALLOWANCE_EXHAUSTED: ({ limit, until }, at) =>
    `Today ${photos(limit)} were sent that came to nothing, the most of your plan. Your job and its photos are kept; go on with it after ${at(until)}.`,
  INTERNAL_ERROR: () => 'Something went wrong with us. Try again later.',
  SERVICE_UNAVAILABLE: () => 'The service cannot be used now. Try again later.',
  ABORTED: () => 'Stopped.',
  NETWORK_ERROR: ({ file }) =>
    file === null ? 'The server cannot be reached. Check your connection.' : `“${file.name}” could not be uploaded.`,
  OVER_BUDGET: ({ credits: needed, maxCredits }) =>
    `This would cost ${credits(needed)}, and ${maxCredits} is the most you set.`,
  INVALID_FILE: ({ files }) => (files.length === 0 ? 'Choose at least one photo.' : files.map(englishFile).join(' ')),
};
