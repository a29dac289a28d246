/** Rendered on the server: the palette is everybody's, so it needs no user. Whoever comes becomes one in the browser. */
import { createClient } from '@s3-workers/client-sdk';
import { Album } from './album.tsx';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const client = createClient({ baseUrl: process.env.NEXT_PUBLIC_S3_URL ?? 'http://localhost:8787' });
  const { palette } = await client.presets.get({ id: 'interior' });
  return (
    <>
      <h1>Album</h1>
      <Album colors={palette.map(({ id, name }) => ({ id, label: name.en }))} />
    </>
  );
}
