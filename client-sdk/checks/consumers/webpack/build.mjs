import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import webpack from 'webpack';

const folder = import.meta.dirname;
// What is built for a page asks for it.
globalThis.self = globalThis;
for (const entry of ['./app.mjs', './app.cjs']) {
  const output = {
    path: path.join(folder, 'out', entry.slice(-3)),
    filename: 'app.js',
    publicPath: '',
    library: { type: 'commonjs2' },
  };
  const stats = await new Promise((resolve, reject) =>
    webpack({ mode: 'production', target: 'web', context: folder, entry, output }, (error, done) =>
      error ? reject(error) : resolve(done),
    ),
  );
  assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
  const { default: app } = await import(pathToFileURL(path.join(output.path, 'app.js')).href);
  assert.equal(typeof app.client.jobs.run, 'function');
}
