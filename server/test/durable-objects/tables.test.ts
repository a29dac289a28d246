/** Tables come with an object's first write, and only if that goes through. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { Tables } from '../../src/durable-objects/tables.ts';

test('a first write that fails leaves no tables, and the next one makes them', async () => {
  const stub = env.USER_LIMITER.get(env.USER_LIMITER.idFromName('usr_of-no-account'));
  await runInDurableObject(stub, (_, { storage }) => {
    const tables = new Tables(storage, 'thing', 'CREATE TABLE thing (id INTEGER PRIMARY KEY)');
    const insert = (id: number) => void storage.sql.exec('INSERT INTO thing (id) VALUES (?)', id);
    const fails = () => {
      insert(1);
      throw new Error('stopped');
    };
    expect(() => tables.transaction(fails)).toThrow('stopped');
    expect(tables.exist).toBe(false);
    tables.transaction(() => insert(2));
    expect(tables.exist).toBe(true);
    expect(storage.sql.exec('SELECT id FROM thing').toArray()).toEqual([{ id: 2 }]);
    expect(new Tables(storage, 'thing', '').exist).toBe(true);
  });
});
