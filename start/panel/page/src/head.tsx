/** Sign-in by one click, and the way to what else is served here. */
import { useState } from 'react';
import client from '../../../../client-sdk/README.md?url';
import api from '../../../../docs/API.md?url';
import { Button } from '../../../../studio/src/parts/button.tsx';
import { failureOf } from './calling.ts';
import type { PanelSession } from './session.ts';

const LINKS = [
  ['Studio', '/'],
  ['Health', '/health'],
  ['The client', client],
  ['The API without it', api],
] as const;

export function Head({ session }: { session: PanelSession }) {
  const [problem, setProblem] = useState<string | null>(null);
  const doing = (act: () => Promise<void>) => () => {
    setProblem(null);
    act().catch((error) => setProblem(failureOf(error).message));
  };
  return (
    <header className="flex flex-wrap items-center gap-x-6 gap-y-2 border-line border-b px-4 py-3 sm:px-6">
      <span className="font-semibold">S3 Panel</span>
      <nav aria-label="Elsewhere" className="flex flex-wrap gap-x-4 text-sm">
        {LINKS.map(([name, where]) => (
          <a key={where} href={where} className="py-2 text-accent underline underline-offset-4">
            {name}
          </a>
        ))}
      </nav>
      <div className="flex min-w-0 items-center gap-3 text-sm sm:ml-auto" role="status">
        {problem !== null && <span className="text-bad">{problem}</span>}
        {session.current !== null && (
          <span className="min-w-0 truncate text-soft">
            Signed in as <code data-user>{session.current.userId}</code>
          </span>
        )}
      </div>
      {session.current === null ? (
        <Button kind="primary" onClick={doing(session.signIn)}>
          Sign in
        </Button>
      ) : (
        <Button kind="quiet" onClick={doing(session.signOut)}>
          Sign out
        </Button>
      )}
    </header>
  );
}
