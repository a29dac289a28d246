/** The page: one client, one store of what was asked for, and whatever is wrong said in words. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { Boundary } from './app/boundary.tsx';
import { Providers } from './app/providers.tsx';
import './style.css';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Boundary>
      <Providers>
        <App />
      </Providers>
    </Boundary>
  </StrictMode>,
);
