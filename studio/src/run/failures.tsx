/** Each photo that failed, and each file that was left out, with its reason in full. */
import { fileText } from '@s3-workers/client-sdk/messages';
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import type { ReactNode } from 'react';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { runWords } from './words.ts';

/** So few are said without a click. */
const FEW = 3;

export function Failures({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const language = useLanguage();
  const failed = run.photos.filter(({ status }) => status === 'failed');
  return (
    <>
      {failed.length > 0 && (
        <Reasons title={w.reasons(failed.length)} isShort={failed.length <= FEW}>
          {failed.map(({ id, name, error }) => (
            <li key={id}>
              <span className="font-medium">{name}</span> {error}
            </li>
          ))}
        </Reasons>
      )}
      {run.refused.length > 0 && (
        <Reasons title={w.leftOut(run.refused.length)} isShort={run.refused.length <= FEW}>
          {run.refused.map((file) => (
            <li key={file.index}>{fileText(file, language)}</li>
          ))}
        </Reasons>
      )}
    </>
  );
}

function Reasons({ title, isShort, children }: { title: string; isShort: boolean; children: ReactNode }) {
  return (
    <details open={isShort} className="rounded-lg bg-bad-wash p-3 text-sm">
      <summary className="py-1 font-medium text-bad">{title}</summary>
      <ul className="max-h-48 space-y-1 overflow-y-auto pt-1">{children}</ul>
    </details>
  );
}
