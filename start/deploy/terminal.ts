/** Asks whoever sits at the terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export type Terminal = {
  /** Whether anybody can be asked. */
  isThere: boolean;
  confirm(question: string): Promise<boolean>;
  /** A value, of which nothing is shown while it is typed. */
  secret(name: string): Promise<string>;
};

export const terminal: Terminal = {
  isThere: process.stdin.isTTY === true && process.stdout.isTTY === true,
  confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N] `, process.stdout)).trim()),
  secret: async (name) => {
    process.stdout.write(`${name}: `);
    const value = await ask('', new Writable({ write: (_chunk, _encoding, done) => done() }));
    process.stdout.write('\n');
    return value;
  },
};

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
