import { createClient, webStorage } from '@s3-workers/client-sdk';
import { S3Provider, useUpload } from '@s3-workers/client-sdk/react';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

const client = createClient({ baseUrl: 'https://api.example.com', storage: webStorage() });

function Album() {
  const upload = useUpload();
  return createElement('p', null, upload.files.length);
}
createRoot(document.querySelector('#app')).render(createElement(S3Provider, { client }, createElement(Album)));
