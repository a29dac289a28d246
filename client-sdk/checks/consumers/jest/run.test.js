const { createClient } = require('@s3-workers/client-sdk');
const { errorText } = require('@s3-workers/client-sdk/messages');
const { createTestServer } = require('@s3-workers/client-sdk/testing');

test('a run ends done', async () => {
  const client = createClient(createTestServer());
  const data = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const concepts = { Body: { action: 'remove' } };
  const run = client.jobs.run({ preset: 'seller', files: [{ name: 'a.jpg', data }], concepts });
  expect((await run).status).toBe('done');
  const error = await client.jobs.run({ preset: 'seller', files: [], concepts }).catch((caught) => caught);
  expect(error).toMatchObject({ code: 'INVALID_FILE' });
  expect(errorText(error, 'en')).toEqual(expect.any(String));
});
