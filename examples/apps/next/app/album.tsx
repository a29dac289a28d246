'use client';
/** Photos are picked, their walls are painted, and each is saved under its own name. */
import { createClient, webStorage } from '@s3-workers/client-sdk';
import { errorText, fileText } from '@s3-workers/client-sdk/messages';
import { useUpload } from '@s3-workers/client-sdk/react';
import { type FormEvent, useState } from 'react';

/** Made on the server too, which renders this page first: nothing is stored or sent before the first call. */
const client = createClient({
  baseUrl: process.env.NEXT_PUBLIC_S3_URL ?? 'http://localhost:8787',
  storage: webStorage(),
});

export function Album({ colors }: { colors: { id: string; label: string }[] }) {
  const upload = useUpload(client);
  const [color, setColor] = useState(colors[0]?.id ?? '#7e9cc9');
  const [links, setLinks] = useState<Record<number, string | null>>({});

  async function apply(event: FormEvent) {
    event.preventDefault();
    setLinks({});
    const job = upload.start({
      preset: 'interior',
      // A colour that is only known now: the server checks it, where the compiler checks those of `concepts`.
      rule: { concepts: { Wall: { action: 'recolor', value: color } } },
      onInvalid: 'skip',
    });
    // What ended it stands in `upload.error`.
    const set = await job.result().catch(() => null);
    const done = set?.items.filter(({ status }) => status === 'done') ?? [];
    if (set === null || done.length === 0) return;
    const extension = set.format === 'jpeg' ? 'jpg' : set.format;
    const files = done.map(({ idx, name }) => ({ idx, name: name.replace(/\.\w+$/, `.${extension}`) }));
    const { urls } = await client.jobs.downloads({ jobId: set.jobId, files });
    setLinks(Object.fromEntries(files.map(({ idx }, at) => [idx, urls[at] ?? null])));
  }

  return (
    <>
      <form onSubmit={apply}>
        <input
          type="file"
          multiple
          accept="image/jpeg,image/png,image/webp"
          aria-label="Photos"
          onChange={({ target }) => upload.add(target.files ?? [])}
        />
        <label>
          Walls{' '}
          <select value={color} onChange={({ target }) => setColor(target.value)}>
            {colors.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={upload.files.length === 0 || upload.running}>
          Apply
        </button>
      </form>
      {upload.running && <progress value={upload.progress} aria-label="Progress" />}
      {upload.error && <p role="alert">{errorText(upload.error, 'en')}</p>}
      {upload.refused.map((file) => (
        <p role="alert" key={file.name}>
          {fileText(file, 'en')}
        </p>
      ))}
      <ul>
        {upload.items.map(({ idx, name, status, previewUrl, error }) => (
          <li key={idx}>
            {previewUrl && <img src={previewUrl} alt={name} />}
            {name}: {error ?? status} {links[idx] && <a href={links[idx]}>Save</a>}
          </li>
        ))}
      </ul>
    </>
  );
}
