import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';

const next = 'node_modules/next/dist/bin/next';
let asked = 0;
let signedUp = 0;
const api = createServer((request, response) => {
  if (request.url.includes('auth.anon')) signedUp += 1;
  asked += 1;
  const presets = Array.from({ length: asked }, () => ({}));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify([{ result: { data: { json: presets } } }]));
}).listen(0, '127.0.0.1');
await once(api, 'listening');
const env = { ...process.env, API: `http://127.0.0.1:${api.address().port}`, NEXT_TELEMETRY_DISABLED: '1' };

const built = await new Promise((resolve) => {
  const child = spawn(process.execPath, [next, 'build'], { env, stdio: 'inherit' });
  child.on('close', resolve);
});
assert.equal(built, 0);
const server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], { env });
try {
  let said = '';
  server.stderr.on('data', (data) => {
    said += data;
  });
  const url = await new Promise((resolve, reject) => {
    server.on('close', () => reject(new Error(said)));
    server.stdout.on('data', (data) => {
      said += data;
      const found = /Local:\s+(http:\S+)/.exec(said)?.[1];
      if (found && /Ready/.test(said)) resolve(found);
    });
  });
  const read = async (path) => (await (await fetch(url + path)).text()).replaceAll('<!-- -->', '');
  assert.match(await read('/'), /told AUTH_REQUIRED,AUTH_REQUIRED/);
  const [first, second] = [await read('/live'), await read('/live')];
  assert.match(first, /told AUTH_REQUIRED,AUTH_REQUIRED/);
  const count = (html) => Number(/presets (\d+)/.exec(html)[1]);
  assert.ok(count(second) > count(first), 'what is asked for is asked each time');
  assert.match((await fetch(`${url}/moved`)).url, /\/live$/);
  assert.equal(signedUp, 0);
} finally {
  server.kill();
  api.close();
  api.closeAllConnections();
}
