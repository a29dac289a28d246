import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';

assert.ok(readdirSync('dist/assets').some((name) => /^index-.*\.js$/.test(name)));
