/** The figures of every photo, as a table for the terminal, at most 100 columns wide. */
import { clip, columns, RULE } from '../table.ts';
import type { Outcome } from './outcome.ts';

const HEAD = ['photo', 'status', 'target', 'changed', 'outside', 'protected', 'max diff'];
const WIDTHS = [-34, -8, 8, 8, 8, 10, 9];
const MARGIN = '  ';

export function figuresTable(outcomes: Outcome[]): string {
  const rows = outcomes.map((outcome) => ({ cells: cellsOf(outcome), notes: notesOf(outcome) }));
  const [head = '', rule = '', ...lines] = columns([HEAD, RULE, ...rows.map(({ cells }) => cells)], WIDTHS, {
    gap: ' ',
    margin: MARGIN,
  }).split('\n');
  return [head, rule, ...rows.flatMap(({ notes }, n) => [lines[n] ?? '', ...notes])].join('\n');
}

/** What the columns mean. */
export const LEGEND = [
  'target: share of the photo that was to change · changed: how much of it did',
  'outside: pixels that changed elsewhere · protected: share of the photo that is protected',
  'max diff: largest difference of a channel inside what is protected, 0 to 255',
]
  .map((line) => `${MARGIN}${line}`)
  .join('\n');

function cellsOf({ album, name, state, figures }: Outcome): string[] {
  const numbers = figures
    ? [
        percent(figures.target),
        percent(figures.changed),
        String(figures.changedOutside),
        percent(figures.protected),
        String(figures.maxDifference),
      ]
    : ['–', '–', '–', '–', '–'];
  return [clip(`${album.name}/${name}`, 34), clip(state, 8), ...numbers];
}

function notesOf(outcome: Outcome): string[] {
  const notes = outcome.problems.map((problem) => `✘ ${problem}`);
  if (outcome.state !== 'done' && outcome.expectedToFail) notes.push(`as expected: ${outcome.reason}`);
  // Of what is protected most photos show only some, so that is for the contact sheet.
  for (const { concept, reason } of outcome.notFound) {
    if (concept in outcome.album.rule.concepts) notes.push(`${concept} not found${reason ? `: ${reason}` : ''}`);
  }
  return notes.map((note) => clip(`${MARGIN}    ${note}`, 100));
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
