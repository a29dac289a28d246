/** From a request's body to a typed message; what does not fit is named by its field. No schema library: the entry stays small. */
import { MAX_PHOTOS } from '../generated/limits.ts';
import { PRESET_IDS, TEXTURES, TONES } from '../generated/presets.ts';
import { WebhookError } from './error.ts';
import type { DispatchMessage } from './message.ts';

/** Throws unless the value fits. `at` is the path of the field, such as `items[3].input_url`. */
type Check = (value: unknown, at: string) => void;

const VALUES: Record<string, readonly string[] | undefined> = {
  tone: TONES,
  texture: TEXTURES,
};

function wrong(at: string, message: string): never {
  throw new WebhookError('VALIDATION_ERROR', at === '' ? message : `${at}: ${message}`, { field: at });
}

const text: Check = (value, at) => {
  if (typeof value !== 'string' || value === '') wrong(at, 'must be a text');
};
const address: Check = (value, at) => {
  if (typeof value !== 'string' || !/^https?:\/\/\S+$/.test(value)) wrong(at, 'must be an http(s) URL');
};
const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value, at) => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      wrong(at, `must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`);
    }
  };
const oneOf =
  (values: readonly string[]): Check =>
  (value, at) => {
    if (!values.includes(value as string)) wrong(at, `must be one of ${values.join(', ')}`);
  };
const maybe =
  (check: Check): Check =>
  (value, at) => {
    if (value !== undefined) check(value, at);
  };
const object = (value: unknown, at: string): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : wrong(at, 'must be an object');
const fields =
  (checks: Record<string, Check>): Check =>
  (value, at) => {
    const given = object(value, at);
    for (const [name, check] of Object.entries(checks)) check(given[name], at === '' ? name : `${at}.${name}`);
  };
const each =
  (check: Check): Check =>
  (value, at) => {
    for (const [name, inner] of Object.entries(object(value, at))) check(inner, `${at}.${name}`);
  };
const list =
  (check: Check, least = 0): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return wrong(at, 'must be a list');
    if (value.length < least || value.length > MAX_PHOTOS) wrong(at, `must have ${least} to ${MAX_PHOTOS} entries`);
    value.forEach((inner, index) => {
      check(inner, `${at}[${index}]`);
    });
  };

const action: Check = (value, at) => {
  const { action: kind, value: to } = object(value, at);
  oneOf(['recolor', 'tone', 'texture', 'remove'])(kind, `${at}.action`);
  if (kind === 'recolor' && !/^#[0-9a-fA-F]{6}$/.test(String(to))) wrong(`${at}.value`, 'must be #RRGGBB');
  const values = VALUES[kind as string];
  if (values !== undefined) oneOf(values)(to, `${at}.value`);
};

const message = fields({
  job_id: text,
  user_id: text,
  attempt: whole(1),
  preset: oneOf(PRESET_IDS),
  concepts: each(action),
  protect: list(text),
  output_type: maybe(oneOf(['image/png', 'image/jpeg', 'image/webp'])),
  masks: maybe((value, at) => {
    if (typeof value !== 'boolean') wrong(at, 'must be true or false');
  }),
  items: list(
    fields({
      idx: whole(0, MAX_PHOTOS - 1),
      input_key: text,
      output_key: text,
      preview_key: text,
      input_url: address,
      output_url: address,
      preview_url: address,
      mask_urls: each(address),
      instances_url: maybe(address),
    }),
    1,
  ),
  callback_url: address,
  callback_token: text,
  callback_secret: maybe(text),
  idempotency_prefix: text,
  batch_concurrency: whole(1),
});

/**
 * The message that a GPU worker was sent, typed. Fields that this version does not know are kept.
 *
 * @param body the request's body, as text or already parsed
 * @throws WebhookError VALIDATION_ERROR, whose `field` is the path of the first field that does not fit; empty for what is no JSON
 *
 * @example
 * const message = parseDispatch(await request.text());
 */
export function parseDispatch(body: unknown): DispatchMessage {
  let value = body;
  if (typeof body === 'string') {
    try {
      value = JSON.parse(body);
    } catch {
      wrong('', 'the body is not JSON');
    }
  }
  message(value, '');
  const known = value as DispatchMessage;
  return known.output_type === undefined ? { ...known, output_type: 'image/png' } : known;
}
