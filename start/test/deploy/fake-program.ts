/**
 * The fake wrangler as a program, in the place that S3_DEPLOY_WRANGLER names: the account is the file FAKE_ACCOUNT, and what is asked is a line of the file FAKE_LOG, with
 * the environment that it came in.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { emptyAccount, fakeWrangler, writes } from './fake-wrangler.ts';

const { FAKE_ACCOUNT = '', FAKE_LOG = '' } = process.env;
const account = { ...emptyAccount(), ...JSON.parse(readFileSync(FAKE_ACCOUNT, 'utf8')) };
const args = process.argv.slice(2);
const input = readFileSync(0, 'utf8');
appendFileSync(FAKE_LOG, `${JSON.stringify({ args, input, env: process.env })}\n`);
const { stdout, stderr, code } = await fakeWrangler(account).wrangler(args, { input });
// Several look at once: one that only reads leaves the file alone.
if (writes([{ args, input }]).length > 0) writeFileSync(FAKE_ACCOUNT, JSON.stringify(account));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
