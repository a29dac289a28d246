/** A known mistake: one place in the code, made wrong in a way that somebody might really write. */
export interface Bug {
  /** What goes wrong, in a few words; unique. */
  name: string;
  file: string;
  /** Stands exactly once in the file. */
  find: string;
  replace: string;
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
