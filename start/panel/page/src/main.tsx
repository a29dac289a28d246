/** The panel: what the API can do, tried out. For developers, on their own machine. */
import procedures from 'panel-procedures';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { samplePhoto } from './calling.ts';
import './style.css';

const photo = await samplePhoto();
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App procedures={procedures} photo={photo} />
  </StrictMode>,
);
