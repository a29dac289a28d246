const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const vm = require('node:vm');
const Metro = require('metro');

(async () => {
  const config = await Metro.loadConfig({}, { projectRoot: __dirname });
  await Metro.runBuild(config, { entry: 'app.js', out: 'out.js', platform: 'ios', minify: false, dev: false });
  const scope = vm.createContext({ console, setTimeout, clearTimeout });
  vm.runInContext('globalThis.window = globalThis.global = globalThis', scope);
  vm.runInContext(readFileSync('out.js', 'utf8'), scope);
  assert.equal(typeof scope.app.client.jobs.run, 'function');
  assert.equal(typeof scope.app.errorText, 'function');
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
