/** Photos are picked, their walls are painted, and each is saved under its own name. */
import { errorText, fileText } from '@s3-workers/client-sdk/messages';
import { useS3Options, useUnfinished, useUpload } from '@s3-workers/client-sdk/react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

export function Album() {
  const s3 = useS3Options();
  const me = useQuery(s3.user.me.queryOptions());
  const downloads = useMutation(s3.jobs.downloads.mutationOptions());
  const upload = useUpload();
  /** A reload in the middle of an upload leaves a job, which holds the plan's slot until somebody goes on with it or discards it. */
  const left = useUnfinished();
  const [color, setColor] = useState('#7e9cc9');

  async function apply(event: FormEvent) {
    event.preventDefault();
    const job = upload.start({
      preset: 'interior',
      // A colour that is only known now: the server checks it, where the compiler checks those of `concepts`.
      rule: { concepts: { Wall: { action: 'recolor', value: color } } },
      onInvalid: 'skip',
    });
    // What ended it stands in `upload.error`.
    const set = await job.result().catch(() => null);
    // A job that was being made when the page was left shows by now.
    if (set === null) return left.refresh();
    const extension = set.format === 'jpeg' ? 'jpg' : set.format;
    const done = set.items.filter(({ status }) => status === 'done');
    const files = done.map(({ idx, name }) => ({ idx, name: name.replace(/\.\w+$/, `.${extension}`) }));
    if (files.length > 0) downloads.mutate({ jobId: set.jobId, files });
    void me.refetch();
  }
  const linkOf = (idx: number) => {
    const at = downloads.variables?.files.findIndex((file) => file.idx === idx) ?? -1;
    return downloads.data?.urls[at];
  };

  return (
    <>
      <h1>Album</h1>
      {left.jobs.map((job) => (
        <p key={job.jobId}>
          {job.names.join(', ')} {job.names.length === 1 ? 'waits' : 'wait'} to be uploaded.{' '}
          <button type="button" onClick={() => upload.adopt(job.resume())}>
            Go on
          </button>{' '}
          <button type="button" onClick={() => job.cancel()}>
            Discard
          </button>
        </p>
      ))}
      <form onSubmit={apply}>
        <input
          type="file"
          multiple
          accept="image/jpeg,image/png,image/webp"
          aria-label="Photos"
          onChange={({ target }) => upload.add(target.files ?? [])}
        />
        <label>
          Walls <input type="color" value={color} onChange={({ target }) => setColor(target.value)} />
        </label>
        <button type="submit" disabled={upload.files.length === 0 || upload.running}>
          Apply
        </button>
        {me.data && <span>{me.data.credits.balance} credits</span>}
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
            {name}: {error ?? status} {linkOf(idx) && <a href={linkOf(idx) ?? ''}>Save</a>}
          </li>
        ))}
      </ul>
    </>
  );
}
