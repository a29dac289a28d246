/** Reads settings one by one, and remembers what is wrong with each: whoever starts the service is told everything at once. */
import { isWebhookSecret, keyOfWebhookSecret, MIN_KEY_BYTES } from '../domain/webhook-secret.ts';
import type { Problem } from './error.ts';
import {
  NUMBERS,
  type NumberName,
  type SecretName,
  type SettingName,
  type SettingTexts,
  type TextName,
} from './names.ts';

const MIN_SECRET_BYTES = 32;

export class SettingsReader {
  readonly problems: Problem[] = [];
  readonly #env: SettingTexts;
  readonly #production: boolean;

  constructor(env: SettingTexts, production: boolean) {
    this.#env = env;
    this.#production = production;
  }

  optional(name: SettingName): string | null {
    return this.#env[name]?.trim() || null;
  }

  required(name: SettingName): string {
    const value = this.optional(name);
    if (value === null) this.#bad(name, 'is missing');
    return value ?? '';
  }

  /** What development and tests do without. */
  inProduction(name: SettingName): string | null {
    return this.#production ? this.required(name) : this.optional(name);
  }

  strong(name: SecretName, value: string | null): string | null {
    const bytes = value === null ? 0 : new TextEncoder().encode(value).length;
    if (this.#production && value && bytes < MIN_SECRET_BYTES) {
      this.#bad(name, `has ${bytes} bytes and needs ${MIN_SECRET_BYTES}`);
    }
    return value;
  }

  /** In the form of Standard Webhooks its key has to be one for a stock library as well. */
  signing(name: SecretName, value: string | null): string | null {
    if (value === null || !isWebhookSecret(value)) return this.strong(name, value);
    const bytes = keyOfWebhookSecret(value)?.length ?? 0;
    if (bytes < MIN_KEY_BYTES) this.#bad(name, `has after whsec_ no base64 of ${MIN_KEY_BYTES} bytes or more`);
    return value;
  }

  /** The first value is the default. */
  oneOf<T extends string>(name: TextName, values: readonly [T, ...T[]]): T {
    const value = this.optional(name) ?? values[0];
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) this.#bad(name, `is none of ${values.join(', ')}`);
    return found ?? values[0];
  }

  url(name: TextName, value: string | null): string | null {
    if (value === null || value === '') return value;
    if (!/^https?:\/\/\S+$/.test(value) || !URL.canParse(value)) this.#bad(name, 'is not an http(s) URL');
    return value.replace(/\/+$/, '');
  }

  numbers(): Record<NumberName, number> {
    const read = ([name, [fallback, min, max]]: [string, readonly [number, number, number]]) => {
      const text = this.#env[name as NumberName]?.trim();
      const value = text === undefined || text === '' ? fallback : Number(text);
      if (!Number.isSafeInteger(value) || value < min || value > max) {
        this.#bad(name as NumberName, `is not a whole number from ${min} to ${max}`);
      }
      return [name, value];
    };
    return Object.fromEntries(Object.entries(NUMBERS).map(read)) as Record<NumberName, number>;
  }

  #bad(name: SettingName, problem: string): void {
    this.problems.push({ name, problem });
  }
}
