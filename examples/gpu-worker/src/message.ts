// The message that a dispatcher sends (snake_case: programs in other languages read it), and the check of one that arrives.

import { TEXTURES, type Texture } from './paint/texture.ts';
import { TONES, type Tone } from './paint/tone.ts';
import { PRESETS } from './segment/presets.ts';

export type Rule =
  | { readonly action: 'recolor'; readonly value: string }
  | { readonly action: 'tone'; readonly value: Tone }
  | { readonly action: 'texture'; readonly value: Texture }
  | { readonly action: 'remove' };

export const OUTPUT_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type OutputType = (typeof OUTPUT_TYPES)[number];

export interface Item {
  readonly idx: number;
  readonly input_key: string;
  readonly output_key: string;
  readonly preview_key: string;
  readonly input_url: string;
  readonly output_url: string;
  readonly preview_url: string;
  /** by concept, for targets and protects; one without a URL is not stored */
  readonly mask_urls: Readonly<Record<string, string>>;
  /** null: not stored */
  readonly instances_url: string | null;
}

export interface Message {
  readonly job_id: string;
  readonly user_id: string;
  readonly attempt: number;
  readonly preset: string;
  readonly concepts: Readonly<Record<string, Rule>>;
  readonly protect: readonly string[];
  readonly items: readonly Item[];
  readonly callback_url: string;
  readonly callback_token: string;
  /** type of the results, which the signature of each output_url binds */
  readonly output_type: OutputType;
  readonly idempotency_prefix: string;
  readonly batch_concurrency: number;
}

/** A message that cannot be worked on; `field` is the path of what is wrong, such as "items[2].input_url". */
export class BadMessage extends Error {
  readonly field: string;
  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = 'BadMessage';
    this.field = field;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const MOST_ITEMS = 200;
/** Photos of one job in hand at once, however many a message asks for: each holds its bytes in memory. */
const MOST_PARALLEL = 16;

function object(value: unknown, field: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadMessage(field, 'must be an object');
  return value as Fields;
}

function text(from: Fields, name: string, at = ''): string {
  const value = from[name];
  if (typeof value !== 'string' || value === '') throw new BadMessage(at + name, 'must be a non-empty string');
  return value;
}

function integer(from: Fields, name: string, low: number, high: number, at = ''): number {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw new BadMessage(at + name, `must be an integer from ${low} to ${high}`);
  return value;
}

function url(from: Fields, name: string, at = ''): string {
  const value = text(from, name, at);
  if (!/^https?:\/\//.test(value) || !URL.canParse(value))
    throw new BadMessage(at + name, 'must be an http or https URL');
  return value;
}

/** Languages that write every field of a type send null for what is absent. */
const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

function oneOf<T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  const found = allowed.find((a) => a === value);
  if (found === undefined) throw new BadMessage(field, `must be one of ${allowed.join(', ')}`);
  return found;
}

function rule(value: unknown, field: string): Rule {
  const from = object(value, field);
  const action = oneOf(from.action, ['recolor', 'tone', 'texture', 'remove'] as const, `${field}.action`);
  switch (action) {
    case 'recolor':
      if (typeof from.value !== 'string' || !/^#[0-9a-f]{6}$/i.test(from.value))
        throw new BadMessage(`${field}.value`, 'must be a colour as #RRGGBB');
      return { action, value: from.value };
    case 'tone':
      return { action, value: oneOf(from.value, TONES, `${field}.value`) };
    case 'texture':
      return { action, value: oneOf(from.value, TEXTURES, `${field}.value`) };
    case 'remove':
      return { action };
  }
}

function rules(value: unknown, known: readonly string[]): Record<string, Rule> {
  const entries = Object.entries(object(value, 'concepts'));
  if (entries.length === 0) throw new BadMessage('concepts', 'must name at least one concept');
  return Object.fromEntries(
    entries.map(([name, body]) => [oneOf(name, known, `concepts.${name}`), rule(body, `concepts.${name}`)]),
  );
}

function names(value: unknown, known: readonly string[]): string[] {
  if (!Array.isArray(value)) throw new BadMessage('protect', 'must be a list');
  return [...new Set(value.map((name, i) => oneOf(name, known, `protect[${i}]`)))];
}

function item(value: unknown, i: number, masks: readonly string[]): Item {
  const at = `items[${i}].`;
  const from = object(value, `items[${i}]`);
  const urls = absent(from.mask_urls) ? {} : object(from.mask_urls, `${at}mask_urls`);
  const wanted = masks.filter((name) => !absent(urls[name]));
  return {
    idx: integer(from, 'idx', 0, 1_000_000, at),
    input_key: text(from, 'input_key', at),
    output_key: text(from, 'output_key', at),
    preview_key: text(from, 'preview_key', at),
    input_url: url(from, 'input_url', at),
    output_url: url(from, 'output_url', at),
    preview_url: url(from, 'preview_url', at),
    mask_urls: Object.fromEntries(wanted.map((name) => [name, url(urls, name, `${at}mask_urls.`)])),
    instances_url: absent(from.instances_url) ? null : url(from, 'instances_url', at),
  };
}

function items(value: unknown, masks: readonly string[]): Item[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ITEMS)
    throw new BadMessage('items', `must be a list of 1 to ${MOST_ITEMS} photos`);
  const list = value.map((entry, i) => item(entry, i, masks));
  if (new Set(list.map(({ idx }) => idx)).size < list.length) throw new BadMessage('items', 'must not repeat an idx');
  return list;
}

/** The message in a request body, checked field by field; what is not known here is passed over. Throws BadMessage. */
export function parseMessage(body: unknown): Message {
  const from = object(body, 'message');
  const preset = oneOf(from.preset, Object.keys(PRESETS), 'preset');
  const known = PRESETS[preset]!.concepts;
  const concepts = rules(from.concepts, known);
  const protect = names(from.protect ?? [], known);
  return {
    job_id: text(from, 'job_id'),
    user_id: text(from, 'user_id'),
    attempt: integer(from, 'attempt', 1, 1000),
    preset,
    concepts,
    protect,
    items: items(from.items, [...new Set([...Object.keys(concepts), ...protect])]),
    callback_url: url(from, 'callback_url'),
    callback_token: text(from, 'callback_token'),
    output_type: absent(from.output_type) ? 'image/png' : oneOf(from.output_type, OUTPUT_TYPES, 'output_type'),
    idempotency_prefix: text(from, 'idempotency_prefix'),
    batch_concurrency: absent(from.batch_concurrency)
      ? 4
      : Math.min(integer(from, 'batch_concurrency', 1, 10_000), MOST_PARALLEL),
  };
}
