/**
 * What the shapes of the contract are built from, and the language of zod's messages. `zod/mini` is a third of `zod` in the bundle;
 * its checks are functions, and it brings no messages of its own.
 */

import * as z from 'zod/mini';
import { default as english } from 'zod/v4/locales/en.js';
import { isVisible } from './text.ts';

z.config(english());

const wholeCharacters = z.refine<string>(
  (given) => given.isWellFormed(),
  'holds half of a character (a lone surrogate)',
);
/** Of a text that people are shown, or that tells one from another. */
export const visible = z.refine<string>((given) => given === '' || isVisible(given), 'holds nothing that can be seen');

/** Text of `min` to `max` characters, all of them whole. */
export const text = (min: number, max: number) => z.string().check(wholeCharacters, z.minLength(min), z.maxLength(max));
/** Text for people: the same without the blanks around it, and with something to see. */
export const trimmed = (min: number, max: number) =>
  z.string().check(wholeCharacters, z.trim(), z.minLength(min), z.maxLength(max), visible);
/** A whole number, `min` to `max`. */
export const whole = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));
/** A whole number from 1 on. */
export const positive = () => z.int().check(z.minimum(1));
/** `min` to `max` of them. */
export const list = <T extends z.core.SomeType>(item: T, min: number, max: number) =>
  z.array(item).check(z.minLength(min), z.maxLength(max));
