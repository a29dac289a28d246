/**
 * What the shapes of the contract are built from, and the language of zod's messages. `zod/mini` is a third of `zod` in the bundle;
 * its checks are functions, and it brings no messages of its own.
 */

import * as z from 'zod/mini';
import { default as english } from 'zod/v4/locales/en.js';

z.config(english());

/** Text of `min` to `max` characters. */
export const text = (min: number, max: number) => z.string().check(z.minLength(min), z.maxLength(max));
/** The same without the blanks around it. */
export const trimmed = (min: number, max: number) => z.string().check(z.trim(), z.minLength(min), z.maxLength(max));
/** A whole number, `min` to `max`. */
export const whole = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));
/** A whole number from 1 on. */
export const positive = () => z.int().check(z.minimum(1));
/** `min` to `max` of them. */
export const list = <T extends z.core.SomeType>(item: T, min: number, max: number) =>
  z.array(item).check(z.minLength(min), z.maxLength(max));
