/** What a known mistake is, and the code with it. */
import { type Change, withChange } from '../world/copy.ts';

/** A known mistake: one place in the code, made wrong in a way that somebody might really write. */
export interface Bug extends Change {
  /** What goes wrong, in a few words; unique. */
  name: string;
  /** Test files that should notice, the quickest first. */
  tests: string[];
}

const test = (folder: string, name: string): string => `server/test/${folder}/${name}.test.ts`;
export const domain = (name: string): string => test('domain', name);
export const object = (name: string): string => test('durable-objects', name);
export const queue = (name: string): string => test('queue', name);
export const door = (name: string): string => test('doors', name);
export const rpc = (name: string): string => test('rpc', name);
export const other = test;

/** The file's text with the mistake in it. Throws when it does not fit the code any more. */
export function withBug(good: string, bug: Bug): string {
  try {
    return withChange(good, bug);
  } catch (error) {
    throw new Error(`"${bug.name}": ${error instanceof Error ? error.message : String(error)}`);
  }
}
