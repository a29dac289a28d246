import assert from 'node:assert/strict';
import { createClient, isS3Error, S3Error } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { createTestServer } from '@s3-workers/client-sdk/testing';
import { verify } from '@s3-workers/client-sdk/webhooks';

const server = createTestServer();
const client = createClient(server);
const data = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const concepts = { Body: { action: 'remove' } };
const { status } = await client.jobs.run({ preset: 'seller', files: [{ name: 'a.jpg', data }], concepts });
assert.equal(status, 'done');
const error = await client.jobs.get({ jobId: crypto.randomUUID() }).catch((caught) => caught);
assert.ok(error instanceof S3Error && isS3Error(error));
assert.equal(typeof errorText(error, 'ko'), 'string');
assert.equal(typeof verify, 'function');
