/** What was received and what was charged, as the server has it on its receipts. */

import type { Receipt } from '@s3-workers/client-sdk';
import { Button } from '../parts/button.tsx';
import type { Pages } from './use-past.ts';
import type { HistoryWords } from './words.ts';

interface ReceiptsProps {
  receipts: Pages<Receipt>;
  /** What an album is called, by its job's id. */
  nameOf: ReadonlyMap<string, string>;
  when: Intl.DateTimeFormat;
  words: HistoryWords;
  errorText(error: unknown): string;
}

export function Receipts({
  receipts: { entries, pending, error, more },
  nameOf,
  when,
  words,
  errorText,
}: ReceiptsProps) {
  return (
    <section aria-labelledby="receipts-title" className="grid gap-3">
      <h2 id="receipts-title" className="text-lg font-medium">
        {words.receipts}
      </h2>
      {error !== null && <p role="alert">{errorText(error)}</p>}
      {!pending && entries.length === 0 && error === null && <p className="text-soft">{words.noReceipts}</p>}
      {entries.length > 0 && (
        <table className="w-full max-w-2xl text-left text-sm">
          <thead className="text-soft">
            <tr>
              <th scope="col" className="py-1 pr-3 font-normal">
                {words.columns.when}
              </th>
              <th scope="col" className="py-1 pr-3 font-normal">
                {words.columns.what}
              </th>
              <th scope="col" className="whitespace-nowrap py-1 text-right font-normal">
                {words.columns.credits}
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ id, type, amount, ref, createdAt }) => (
              <tr key={id} className="border-t border-line align-baseline">
                <td className="py-2 pr-3 whitespace-nowrap tabular-nums">{when.format(createdAt)}</td>
                <td className="py-2 pr-3">
                  {(type === 'charge' && ref !== null && nameOf.get(ref)) || words.receipt[type]}
                </td>
                <td className="whitespace-nowrap py-2 text-right tabular-nums">
                  {amount > 0 ? `+${amount}` : `−${-amount}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more !== null && (
        <Button className="justify-self-start" onClick={more}>
          {words.moreReceipts}
        </Button>
      )}
    </section>
  );
}
