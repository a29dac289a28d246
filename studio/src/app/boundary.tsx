/** Never a blank page: what breaks is said in words, with a way on. What was uploaded is on the server, and a reload finds it. */
import { Component, type ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { languageNow } from '../words/language.ts';
import { appWords } from './words.ts';

export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const w = appWords[languageNow()];
    return (
      <main className="grid min-h-full place-items-center p-6">
        <div role="alert" className="max-w-md space-y-4 text-center">
          <h1 className="text-xl font-semibold">{w.broken}</h1>
          <p className="text-soft">{w.brokenNote}</p>
          <Button kind="primary" onClick={() => location.reload()}>
            {w.reload}
          </Button>
        </div>
      </main>
    );
  }
}
