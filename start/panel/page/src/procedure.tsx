/** One procedure: what is said of it, an input that works, its call in TypeScript and as curl, and what it answers. */
import { useState } from 'react';
import { FailureView, Json } from './answer.tsx';
import { type Outcome, run, uploadSample } from './calling.ts';
import type { Described } from './described.ts';
import { Editor } from './editor.tsx';
import { readInput } from './input.ts';
import { LiveView, useLive } from './live.tsx';
import { missingIn, NEXT, samplesOf } from './samples.ts';
import type { PanelSession } from './session.ts';
import { curlOf, typescriptOf } from './shown.ts';
import { Code, Snippet } from './snippet.tsx';

interface ProcedureProps {
  procedure: Described;
  photo: Blob;
  session: PanelSession;
  isShown: boolean;
}

export function ProcedureView({ procedure, photo, session, isShown }: ProcedureProps) {
  const { path, schema } = procedure;
  const sample = samplesOf(session.carried, { contentType: 'image/jpeg', bytes: photo.size })[path];
  const [typed, setTyped] = useState<string | null>(null);
  const [secret, setSecret] = useState('');
  const text = typed ?? JSON.stringify(sample ?? {}, null, 2);
  const { value, problems } = readInput(text, schema);
  const { answered, isRunning, call } = useCall(procedure, photo, session, secret);
  const live = useLive(path, () => void session.carryOn(path, null));
  const submit = () => {
    if (problems.length > 0 || isRunning) return;
    if (procedure.type !== 'subscription') void call(value);
    else if (live.isLive) live.stop();
    else live.play(value);
  };
  const shown = { procedure, input: value, origin: location.origin };
  const runs = procedure.type === 'subscription' ? (live.isLive ? 'Stop' : 'Watch') : isRunning ? 'Running …' : 'Run';
  return (
    <article data-procedure={path} aria-label={path}>
      <Said procedure={procedure} isShown={isShown} />
      <div className="grid gap-x-8 xl:grid-cols-2">
        <div className="min-w-0">
          <Editor
            {...{ text, problems, runs, missing: missingIn(value), hasInput: schema !== null, isTyped: typed !== null }}
            secret={procedure.access === 'operator' ? { value: secret, set: setSecret } : null}
            onChange={setTyped}
            onSubmit={submit}
          />
          <Answered outcome={answered} path={path} />
          <LiveView played={live.played} />
        </div>
        <div className="min-w-0">
          {problems.length === 0 && <Snippet title="TypeScript" text={typescriptOf(shown)} />}
          {problems.length === 0 && <Snippet title="curl" text={curlOf(shown, session.current?.token ?? null)} />}
          <Shape procedure={procedure} />
        </div>
      </div>
    </article>
  );
}

interface Answer {
  outcome: Outcome;
  /** Of the photos that were uploaded for it, their HTTP statuses. */
  uploaded: number[];
}

function useCall(procedure: Described, photo: Blob, session: PanelSession, secret: string) {
  const [answered, setAnswered] = useState<Answer | null>(null);
  const [isRunning, setRunning] = useState(false);
  const call = async (input: unknown) => {
    setRunning(true);
    setAnswered(null);
    const outcome = await run(procedure, input, secret);
    const isMade = procedure.path === 'jobs.create' && 'answer' in outcome;
    const uploaded = isMade ? await uploadSample(outcome.answer, photo).catch(() => [0]) : [];
    if ('answer' in outcome) await session.carryOn(procedure.path, outcome.answer).catch(() => {});
    setAnswered({ outcome, uploaded });
    setRunning(false);
  };
  return { answered, isRunning, call };
}

function Said({ procedure: { path, type, access, comment }, isShown }: { procedure: Described; isShown: boolean }) {
  const WHO = { anyone: 'anyone', user: 'whoever is signed in', operator: 'operators, by ADMIN_SECRET' };
  return (
    <>
      {isShown && <title>{`${path} · S3 Panel`}</title>}
      <h1 className="font-mono font-semibold text-xl">{path}</h1>
      <p className="text-soft text-sm">
        A {type}, for {WHO[access]}
      </p>
      {comment !== '' && <p className="mt-2 max-w-prose">{comment}</p>}
    </>
  );
}

function Answered({ outcome: answered, path }: { outcome: Answer | null; path: string }) {
  if (answered === null) return null;
  const { outcome, uploaded } = answered;
  const next = NEXT[path];
  return (
    <div className="mt-4">
      <h2 className="font-medium">Answer</h2>
      {'failure' in outcome ? (
        <FailureView failure={outcome.failure} />
      ) : (
        <Json label="Answer" value={outcome.answer} />
      )}
      <p role="status" className="mt-2">
        {uploaded.map((status, at) => (
          <span key={at} data-uploaded={status} className={status === 200 ? 'text-good' : 'text-bad'}>
            {status === 200
              ? 'The sample photo was uploaded for you. '
              : `The sample photo was not taken (${status}). `}
          </span>
        ))}
      </p>
      {'answer' in outcome && next !== undefined && (
        <a href={`#${next}`} data-next className="inline-block py-2 text-accent underline underline-offset-4">
          Next: {next}
        </a>
      )}
    </div>
  );
}

function Shape({ procedure: { shape, types } }: { procedure: Described }) {
  if (shape === '') return null;
  return (
    <div className="mt-4">
      <h2 className="mb-2 font-medium">Takes and gives</h2>
      <Code label="Takes and gives">{[shape, types].filter(Boolean).join('\n\n')}</Code>
    </div>
  );
}
