const assert = require('node:assert/strict');
const { createClient, isS3Error, S3Error } = require('@s3-workers/client-sdk');
const { errorText } = require('@s3-workers/client-sdk/messages');
const { createTestServer } = require('@s3-workers/client-sdk/testing');
const { verify } = require('@s3-workers/client-sdk/webhooks');

(async () => {
  const client = createClient(createTestServer());
  const data = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const concepts = { Body: { action: 'remove' } };
  const { status } = await client.jobs.run({ preset: 'seller', files: [{ name: 'a.jpg', data }], concepts });
  assert.equal(status, 'done');
  const error = await client.jobs.get({ jobId: crypto.randomUUID() }).catch((caught) => caught);
  assert.ok(error instanceof S3Error && isS3Error(error));
  assert.equal(typeof errorText(error, 'ko'), 'string');
  assert.equal(typeof verify, 'function');
  // Where Node requires ESM there is one copy of the package, not two.
  const esm = await import('@s3-workers/client-sdk');
  assert.ok(isS3Error(error) && esm.isS3Error(error));
  if (process.features.require_module) assert.equal(esm.S3Error, S3Error);
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
