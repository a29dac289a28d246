import { createClient, webStorage } from '@s3-workers/client-sdk';

const clients = [{}, { storage: webStorage() }].map((more) => createClient({ baseUrl: process.env.API, ...more }));

/** What a page that asks for its user on the server is told. */
export async function told() {
  const all = clients.map((client) =>
    client.user.me().then(
      (me) => me.userId,
      (error) => error.code,
    ),
  );
  return (await Promise.all(all)).join();
}

/** How many presets there are, of the API that each request asks. */
export const presets = async () => (await clients[0].presets.list()).length;
