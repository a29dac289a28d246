/** A page of an app that uses the hooks as the client's README shows them, with a second route and a part that can be hidden. */
import { Activity, createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient, isS3Error, webStorage } from '../../../../client-sdk/dist/index.js';
import { S3Provider, useUnfinished, useUpload } from '../../../../client-sdk/dist/react.js';

const client = createClient({
  baseUrl: new URLSearchParams(location.search).get('api') ?? '',
  storage: webStorage(localStorage),
});
const red = { preset: 'seller', concepts: { Body: { action: 'recolor', value: 'red' } } } as const;
/** The progress that was shown, since the page was loaded. */
const shown: number[] = [];

function Album() {
  const upload = useUpload();
  const unfinished = useUnfinished();
  shown.push(upload.progress);
  const code = isS3Error(upload.error) ? upload.error.code : String(upload.error);
  return h(
    'main',
    null,
    unfinished.jobs.map((job) =>
      h(
        'p',
        { key: job.jobId, className: 'unfinished' },
        h('span', null, job.names.join(' ')),
        h('button', { type: 'button', className: 'go-on', onClick: () => upload.adopt(job.resume()) }, 'Go on'),
        h('button', { type: 'button', className: 'discard', onClick: () => void job.cancel() }, 'Discard'),
      ),
    ),
    h('input', {
      type: 'file',
      multiple: true,
      onChange: ({ target }: { target: HTMLInputElement }) => {
        upload.add(target.files);
        target.value = '';
      },
    }),
    h(
      'ul',
      null,
      upload.photos.map(({ id, name, status }) => h('li', { key: id, id }, `${name} ${status}`)),
    ),
    upload.waiting?.unmatched.map(({ index, name, message }) =>
      h('p', { key: index, className: 'unmatched' }, `${name} ${message}`),
    ),
    // Not disabled while it runs, as the README has it: it has to bear the second click.
    h('button', { type: 'button', id: 'apply', onClick: () => upload.start(red) }, 'Apply'),
    h('output', { 'data-job': upload.jobId }, upload.error === null ? (upload.result?.status ?? upload.status) : code),
  );
}

function App() {
  const [place, go] = useState<'album' | 'elsewhere' | 'hidden'>('album');
  const route = (name: typeof place) => h('button', { type: 'button', id: name, onClick: () => go(name) }, name);
  const album = { mode: place === 'hidden' ? 'hidden' : 'visible', children: h(Album) } as const;
  return h(
    StrictMode,
    null,
    h('nav', null, route('album'), route('elsewhere'), route('hidden')),
    h(S3Provider, { client }, place === 'elsewhere' ? h('h1', null, 'Elsewhere') : h(Activity, album)),
  );
}

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(h(App));
Object.assign(globalThis, { app: {}, shown });
