import { createClient } from '@s3-workers/client-sdk';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';

export default async function Moved() {
  await connection();
  await createClient({ baseUrl: process.env.API, fetch: () => redirect('/live') }).presets.list();
  return <p>stayed</p>;
}
